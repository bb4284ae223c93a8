/**
 * Whether this session belongs to its account, and whether the account could be recovered.
 *
 * Looks again whenever something that this follows from has changed, here or elsewhere.
 */

import { ClientEvent, type MatrixClient, type MatrixEvent } from "matrix-js-sdk";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api";
import { createStore } from "zustand/vanilla";

import { backUp, cryptoOf, makeIdentity, ownStanding, startOver } from "../crypto/own.ts";

export type Safety =
  | { at: "looking" }
  | { at: "unconfirmed" }
  | { at: "confirmed"; needsRecoveryKey: boolean };

export const safety = createStore<Safety>(() => ({ at: "looking" }));

const AGAIN_MS = 5000;
const SECRETS = /^m\.(secret_storage|cross_signing|megolm_backup)\./;

/**
 * One after another: a look asks for the account's keys, and an answer from before they were
 * replaced would have the SDK throw away the new ones.
 */
let last: Promise<unknown> = Promise.resolve();

function inTurn<T>(deed: () => Promise<T>): Promise<T> {
  const done = last.then(deed);
  last = done.catch(() => undefined);
  return done;
}

/** New keys for who has lost everything. Refused as `wrong-password` with nothing changed. */
export function startAnew(client: MatrixClient, password: string): Promise<void> {
  return inTurn(() => startOver(client, password));
}

/** Follow it, and see to what is missing, until what is given back is called. */
export function followSafety(client: MatrixClient): () => void {
  let isOver = false;
  let isDue = false;
  let again: ReturnType<typeof setTimeout> | undefined;

  async function look(): Promise<void> {
    isDue = false;
    if (isOver) return;
    try {
      const found = await settled(client);
      if (!isOver) safety.setState(found, true);
    } catch {
      again = setTimeout(changed, AGAIN_MS); // the server is away: what is known stays
    }
  }

  function changed(): void {
    if (isDue) return;
    isDue = true;
    void inTurn(look);
  }

  const account = (event: MatrixEvent): void => {
    if (SECRETS.test(event.getType())) changed();
  };
  const trust = (userId: string): void => {
    if (userId === client.getUserId()) changed();
  };
  const devices = (userIds: string[]): void => {
    if (userIds.includes(client.getSafeUserId())) changed();
  };
  const backup = (): void => void cryptoOf(client).restoreKeyBackup().catch(() => undefined);
  client.on(ClientEvent.AccountData, account);
  client.on(CryptoEvent.UserTrustStatusChanged, trust);
  client.on(CryptoEvent.DevicesUpdated, devices);
  client.on(CryptoEvent.KeyBackupDecryptionKeyCached, backup);
  changed();
  return () => {
    isOver = true;
    clearTimeout(again);
    client.off(ClientEvent.AccountData, account);
    client.off(CryptoEvent.UserTrustStatusChanged, trust);
    client.off(CryptoEvent.DevicesUpdated, devices);
    client.off(CryptoEvent.KeyBackupDecryptionKeyCached, backup);
    safety.setState({ at: "looking" }, true);
  };
}

async function settled(client: MatrixClient): Promise<Safety> {
  let own = await ownStanding(client);
  if (own.at === "none") {
    await makeIdentity(client);
    own = await ownStanding(client);
  }
  if (own.at === "none") throw new Error("no identity");
  if (own.at === "confirmed") await backUp(client);
  return own;
}
