/** From kept credentials to a client that syncs: the heavy half, loaded when there is a session. */

import {
  ClientEvent,
  HttpApiEvent,
  type MatrixClient,
  PendingEventOrdering,
  SyncState,
} from "matrix-js-sdk";

import { stopForNewKeys } from "../crypto/identity.ts";
import { secretKeys } from "../crypto/secrets.ts";
import { startCrypto } from "../crypto/start.ts";
import { clientOf } from "../matrix/client.ts";
import type { Credentials } from "../matrix/entering.ts";
import { beginDrafts } from "./drafts.ts";
import { outboxOf } from "./outbox.ts";

const FIRST_EVENTS = 20;

/** A client with its keys open, syncing. `onSignedOut`: the server knows its token no more. */
export async function start(
  credentials: Credentials,
  onSignedOut: (client: MatrixClient) => void,
): Promise<MatrixClient> {
  const client = await clientOf(credentials, secretKeys);
  client.on(HttpApiEvent.SessionLoggedOut, () => onSignedOut(client));
  await startCrypto(client);
  stopForNewKeys(client);
  const prepared = new Promise<void>((resolve) => {
    const listen = (state: SyncState): void => {
      if (state !== SyncState.Prepared && state !== SyncState.Error) return;
      client.off(ClientEvent.Sync, listen);
      resolve();
    };
    client.on(ClientEvent.Sync, listen);
  });
  await client.startClient({
    initialSyncLimit: FIRST_EVENTS,
    lazyLoadMembers: true,
    threadSupport: true,
    pendingEventOrdering: PendingEventOrdering.Detached,
  });
  await prepared;
  await Promise.all([beginDrafts(), outboxOf(client).begin()]);
  return client;
}
