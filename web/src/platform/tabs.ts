/**
 * One tab at a time holds an account's keys and syncs: two would spend the same keys.
 *
 * The lock is the browser's (Web Locks): a tab that crashes gives it back. "Use it here" takes it
 * away from the other tab, which then stops.
 */

const LOCK = "privity-account";

export interface Turn {
  /** Called once when another tab takes over. */
  onTaken(listener: () => void): void;
}

/** This tab's turn, or undefined while another tab has it. `takes`: take it from the other. */
export function takeTurn(takes = false): Promise<Turn | undefined> {
  return new Promise((resolve) => {
    let taken: () => void = () => undefined;
    const options: LockOptions = takes ? { steal: true } : { ifAvailable: true };
    navigator.locks
      .request(LOCK, options, (lock) => {
        if (!lock) return void resolve(undefined);
        resolve({ onTaken: (listener) => void (taken = listener) });
        return new Promise(() => undefined); // kept for as long as the page lives
      })
      .catch(() => taken());
  });
}
