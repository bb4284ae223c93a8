/** What one tells others of oneself: that one has read, that one types. Kept in this browser. */

import { createStore } from "zustand/vanilla";

export interface Preferences {
  /** Whether others hear what one has read. */
  tellsRead: boolean;
  /** Whether others hear that one is typing. */
  tellsTyping: boolean;
}

const CHOICE = "preferences";
const USUAL: Preferences = { tellsRead: true, tellsTyping: true };

function chosen(): Preferences {
  try {
    return { ...USUAL, ...(JSON.parse(localStorage.getItem(CHOICE) ?? "{}") as Partial<Preferences>) };
  } catch {
    return USUAL;
  }
}

export const preferences = createStore<Preferences>(chosen);

/** Choose, and remember it. */
export function prefer(some: Partial<Preferences>): void {
  preferences.setState(some);
  localStorage.setItem(CHOICE, JSON.stringify(preferences.getState()));
}

/** Whether read marks go to one's own devices only. */
export function isReadPrivately(): boolean {
  return !preferences.getState().tellsRead;
}
