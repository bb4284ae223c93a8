import { useState } from "react";

import { whyOf } from "../matrix/refusals.ts";
import { useRefusal } from "./useRefusal.ts";

export interface Deed {
  isBusy: boolean;
  /** Why it was refused, in words. */
  wrong: string | undefined;
  /** Do it. True when it was done. */
  run: (work: () => Promise<unknown>) => Promise<boolean>;
}

/** Something that is asked of the server by pressing a button: busy meanwhile, and what came of it. */
export function useDeed(): Deed {
  const says = useRefusal();
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();

  async function run(work: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    setWrong(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      setWrong(says(whyOf(error)));
      return false;
    } finally {
      setBusy(false);
    }
  }

  return { isBusy, wrong, run };
}
