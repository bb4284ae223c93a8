import { createContext, useContext } from "react";

import type { Item } from "../../state/items.ts";
import type { Purpose } from "../../state/writing.ts";

/** What messages and the composer of one conversation share. */
export interface Talk {
  purpose: Purpose;
  setPurpose: (purpose: Purpose) => void;
  /** Bring a message into view. */
  goTo: (eventId: string) => void;
  /** Open the thread that begins at a message; undefined where one is in a thread. */
  openThread: ((rootId: string) => void) | undefined;
  /** Ask before a message is removed. */
  askRemove: (item: Item) => void;
  askReport: (item: Item) => void;
}

export const TalkContext = createContext<Talk | undefined>(undefined);

export function useTalk(): Talk {
  const talk = useContext(TalkContext);
  if (!talk) throw new Error("no conversation is open");
  return talk;
}
