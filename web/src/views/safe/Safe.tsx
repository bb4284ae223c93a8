import { type ReactNode, useEffect, useState } from "react";
import { useStore } from "zustand";

import { followSafety, safety } from "../../state/safety.ts";
import { useClient } from "../client.ts";
import { Comparing } from "./Comparing.tsx";
import { Confirm } from "./Confirm.tsx";
import { PostponedContext } from "./postponed.ts";

/** A session that is not confirmed is asked to be, before anything else; others see their home. */
export function Safe({ children }: { children: ReactNode }) {
  const client = useClient();
  const [isPostponed, setPostponed] = useState(false);
  useEffect(() => followSafety(client), [client]);
  const isUnconfirmed = useStore(safety, (now) => now.at === "unconfirmed");
  return (
    <PostponedContext value={() => setPostponed(false)}>
      {isUnconfirmed && !isPostponed ? <Confirm onLater={() => setPostponed(true)} /> : children}
      <Comparing />
    </PostponedContext>
  );
}
