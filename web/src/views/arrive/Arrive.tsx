import type { Refusal } from "../../matrix/refusals.ts";
import { usePlace } from "../usePlace.ts";
import { LogIn } from "./LogIn.tsx";
import { Register } from "./Register.tsx";

/** The way in: by the invitation that the address carries, else by password. */
export function Arrive({ because }: { because?: Refusal | undefined }) {
  const place = usePlace();
  if (place.at === "invite") return <Register token={place.token} />;
  return <LogIn because={because} />;
}
