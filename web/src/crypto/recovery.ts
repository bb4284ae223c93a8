/**
 * The recovery key: what opens the account's secrets when no other device is at hand.
 *
 * 1. A key that was made is in memory alone until the person has shown that they kept it; only then
 *    are the account's secrets locked with it. Who closes the page before has lost nothing.
 * 2. A key that was typed is checked before anything is done with it, and forgotten afterwards.
 */

import type { MatrixClient } from "matrix-js-sdk";
import { decodeRecoveryKey, type GeneratedSecretStorageKey } from "matrix-js-sdk/lib/crypto-api";

import { cryptoOf } from "./own.ts";
import { withSecretKey } from "./secrets.ts";

const IDENTITY = [
  "m.cross_signing.master",
  "m.cross_signing.self_signing",
  "m.cross_signing.user_signing",
] as const;
const BACKUP = "m.megolm_backup.v1";
const GROUPS = /(?:[1-9A-HJ-NP-Za-km-z]{4}\s?){11}[1-9A-HJ-NP-Za-km-z]{1,4}/g;
const TESTED_GROUPS = 2;

export interface RecoveryKey {
  /** Groups of four letters and digits, with spaces between. */
  text: string;
  made: GeneratedSecretStorageKey;
}

export type Opened = "opened" | "not-a-key" | "wrong-key" | "no-key-here";

/** A new one, which nothing is locked with yet (rule 1). */
export async function makeRecoveryKey(client: MatrixClient): Promise<RecoveryKey> {
  const made = await cryptoOf(client).createRecoveryKeyFromPassphrase();
  return { text: made.encodedPrivateKey ?? "", made };
}

/** Whether these are its last two groups, however they were typed. */
export function isItsEnd(key: RecoveryKey, typed: string): boolean {
  const end = key.text.split(" ").slice(-TESTED_GROUPS).join("");
  return typed.replace(/\s/g, "") === end;
}

/** The recovery key in a text (a saved file, say), or undefined. */
export function recoveryKeyIn(text: string): string | undefined {
  return (text.match(GROUPS) ?? []).find((found) => bytesOf(found) !== undefined);
}

/** From now on it opens the account's secrets, and no earlier one does. */
export async function keepRecoveryKey(client: MatrixClient, key: RecoveryKey): Promise<void> {
  await withSecretKey(() =>
    cryptoOf(client).bootstrapSecretStorage({
      createSecretStorageKey: () => Promise.resolve(key.made),
      setupNewSecretStorage: true,
    }),
  );
}

/** Confirm this device with it (rule 2), and get the key of the backup. */
export async function openWithRecoveryKey(client: MatrixClient, typed: string): Promise<Opened> {
  const key = bytesOf(recoveryKeyIn(typed) ?? typed);
  if (!key) return "not-a-key";
  const storage = client.secretStorage;
  const [id, info] = (await storage.getKey()) ?? [];
  if (!id || !info) return "no-key-here";
  const stored = await Promise.all(IDENTITY.map((name) => storage.isStored(name)));
  if (!stored.every((by) => by && id in by)) return "no-key-here"; // else the SDK would make others
  if (!(await storage.checkKey(key, info))) return "wrong-key";
  await withSecretKey(async () => {
    const crypto = cryptoOf(client);
    await crypto.bootstrapCrossSigning({});
    if (await storage.isStored(BACKUP)) await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
  }, { id, key });
  return "opened";
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return decodeRecoveryKey(text);
  } catch {
    return undefined;
  }
}
