/** Who is here: nobody, somebody arriving, or somebody who is in. */

import type { MatrixClient } from "matrix-js-sdk";
import { createStore } from "zustand/vanilla";

import * as entering from "../matrix/entering.ts";
import type { Credentials, Entering } from "../matrix/entering.ts";
import { type Refusal, whyOf } from "../matrix/refusals.ts";
import { drop, keep, kept, wipe } from "../platform/vault.ts";
import { takeTurn } from "../platform/tabs.ts";

export type SessionState =
  | { at: "starting" }
  | { at: "outside"; because?: Refusal }
  | { at: "elsewhere" }
  | { at: "opening"; userId: string }
  | { at: "in"; client: MatrixClient; isNew: boolean }
  | { at: "broken"; because: Refusal };

export const session = createStore<SessionState>(() => ({ at: "starting" }));

const CREDENTIALS = "credentials";
const LEAVING = "leaving";

function move(to: SessionState): void {
  session.setState(to, true);
}

/** What the page begins with: the kept session, if there is one and no other tab holds it. */
export async function begin(): Promise<void> {
  const leaving = localStorage.getItem(LEAVING);
  if (leaving !== null) {
    await wipe();
    const isSignedOut = leaving === "signed-out";
    return move(isSignedOut ? { at: "outside", because: { kind: "signed-out" } } : { at: "outside" });
  }
  const credentials = (await kept(CREDENTIALS)) as Credentials | undefined;
  if (!credentials) return move({ at: "outside" });
  await open(credentials, { isNew: false });
}

/** Arrive by password. Resolves to why not, or to undefined: then one is in. */
export async function logIn(wanted: Entering): Promise<Refusal | undefined> {
  return enter(() => entering.logIn(wanted), { isNew: false });
}

/** Arrive by invitation. */
export async function register(token: string, wanted: Entering): Promise<Refusal | undefined> {
  return enter(() => entering.register(token, wanted), { isNew: true });
}

async function enter(
  ask: () => Promise<Credentials>,
  how: { isNew: boolean },
): Promise<Refusal | undefined> {
  try {
    const credentials = await ask();
    await keep(CREDENTIALS, credentials);
    await open(credentials, how);
    return undefined;
  } catch (error) {
    return whyOf(error);
  }
}

/** Have this tab be the one, though another is. */
export async function takeOver(): Promise<void> {
  const credentials = (await kept(CREDENTIALS)) as Credentials | undefined;
  if (!credentials) return move({ at: "outside" });
  await open(credentials, { isNew: false, takes: true });
}

async function open(
  credentials: Credentials,
  how: { isNew: boolean; takes?: boolean },
): Promise<void> {
  const turn = await takeTurn(how.takes);
  if (!turn) return move({ at: "elsewhere" });
  move({ at: "opening", userId: credentials.userId });
  try {
    const { start } = await import("./start.ts"); // the SDK comes only for who has a session
    const client = await start(credentials, (begun) => void leave({ kind: "signed-out" }, begun));
    if (session.getState().at !== "opening") return; // signed out meanwhile
    turn.onTaken(() => {
      void closed(client);
      move({ at: "elsewhere" });
    });
    move({ at: "in", client, isNew: how.isNew });
  } catch (error) {
    move({ at: "broken", because: whyOf(error) });
  }
}

/** Log out: the server forgets the device, this browser everything. */
export async function logOut({ everywhere = false } = {}): Promise<void> {
  const credentials = (await kept(CREDENTIALS)) as Credentials | undefined;
  const now = session.getState();
  if (now.at === "in") await closed(now.client);
  if (credentials) await entering.logOut(credentials, everywhere).catch(() => undefined);
  await leave(); // what is here goes, whether the server heard of it or not
}

async function leave(because?: Refusal, client?: MatrixClient): Promise<void> {
  const now = session.getState();
  if (now.at === "starting" || now.at === "outside") return; // it is under way, or done
  move({ at: "starting" });
  const open = now.at === "in" ? now.client : client;
  if (open) await closed(open);
  await drop(CREDENTIALS);
  localStorage.setItem(LEAVING, because?.kind ?? "left");
  history.replaceState(null, "", "#/");
  location.reload(); // what is in memory goes too, and the next page has nothing open to be wiped
}

/** It does nothing any more and holds no database open: what is open cannot be deleted. */
async function closed(client: MatrixClient): Promise<void> {
  client.stopClient();
  await client.store.destroy();
}
