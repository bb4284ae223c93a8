/** The SDK's client over kept credentials: one for the page, made once. */

import { createClient, IndexedDBStore, MemoryStore, type MatrixClient } from "matrix-js-sdk";
import type { CryptoCallbacks } from "matrix-js-sdk/lib/crypto-api";
import { type Logger, logger } from "matrix-js-sdk/lib/logger";

import type { Credentials } from "./entering.ts";

const MOST_START_MS = 30_000;

/** The SDK's log names rooms and people: it is not written anywhere. */
const QUIET: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  getChild: () => QUIET,
};

function nothing(): void {
  // on purpose
}

Object.assign(logger, QUIET); // what asks for no logger of its own, as an event that is decrypted does

/**
 * A client that has what this browser kept of the last sync. It does not sync yet.
 *
 * `cryptoCallbacks`: where its crypto gets the key of secret storage from, when it needs one.
 */
export async function clientOf(
  credentials: Credentials,
  cryptoCallbacks: CryptoCallbacks,
): Promise<MatrixClient> {
  const store = new IndexedDBStore({ indexedDB, dbName: "privity-sync" });
  const client = createClient({
    baseUrl: location.origin,
    userId: credentials.userId,
    deviceId: credentials.deviceId,
    accessToken: credentials.accessToken,
    store,
    timelineSupport: true,
    logger: QUIET,
    localTimeoutMs: MOST_START_MS,
    cryptoCallbacks,
    verificationMethods: ["m.sas.v1"],
  });
  try {
    await store.startup();
  } catch {
    client.store = new MemoryStore({ localStorage: undefined as unknown as Storage }); // private window
  }
  return client;
}
