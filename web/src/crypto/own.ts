/**
 * Who one is to others: the identity of the account, and whether this device belongs to it.
 *
 * 1. An account without an identity gets one, and a backup of its keys, before it is asked for.
 * 2. An identity that is there is never replaced but by `startOver`, with the password.
 */

import type { MatrixClient } from "matrix-js-sdk";
import type { CryptoApi } from "matrix-js-sdk/lib/crypto-api";

import { provePassword, withPassword } from "../matrix/proof.ts";

export type Own =
  | { at: "none" }
  | { at: "unconfirmed" }
  | { at: "confirmed"; needsRecoveryKey: boolean };

/** The client's crypto, which every client of this page has. */
export function cryptoOf(client: MatrixClient): CryptoApi {
  const crypto = client.getCrypto();
  if (!crypto) throw new Error("no crypto");
  return crypto;
}

/** How this device stands to its account. Asks the server unless it is confirmed already. */
export async function ownStanding(client: MatrixClient): Promise<Own> {
  const crypto = cryptoOf(client);
  if (!(await isConfirmed(client))) {
    const hasIdentity = await crypto.userHasCrossSigningKeys(client.getSafeUserId(), true);
    if (!hasIdentity) return { at: "none" };
    if (!(await isConfirmed(client))) return { at: "unconfirmed" };
  }
  const { ready } = await crypto.getSecretStorageStatus();
  return { at: "confirmed", needsRecoveryKey: !ready && (await holdsIdentity(crypto)) };
}

async function isConfirmed(client: MatrixClient): Promise<boolean> {
  const device = client.getDeviceId() ?? "";
  const status = await cryptoOf(client).getDeviceVerificationStatus(client.getSafeUserId(), device);
  return status?.crossSigningVerified ?? false;
}

async function holdsIdentity(crypto: CryptoApi): Promise<boolean> {
  const { privateKeysCachedLocally: has } = await crypto.getCrossSigningStatus();
  return has.masterKey && has.selfSigningKey && has.userSigningKey;
}

/** Rule 1. The server takes a first identity without the password. */
export async function makeIdentity(client: MatrixClient): Promise<void> {
  const crypto = cryptoOf(client);
  await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: (upload) => upload(null) });
}

/** A backup of the keys on the server, locked with a key that only own devices have. */
export async function backUp(client: MatrixClient): Promise<void> {
  const crypto = cryptoOf(client);
  if ((await crypto.getActiveSessionBackupVersion()) !== null) return;
  if (await crypto.checkKeyBackupAndEnable()) return;
  if (await crypto.getKeyBackupInfo()) return; // another's, or one whose key has yet to come
  await crypto.resetKeyBackup();
}

/**
 * Everything is lost: another identity, another backup. What others wrote before stays unreadable,
 * and they are told that the keys are new.
 *
 * Refused as `wrong-password` before anything is thrown away.
 */
export async function startOver(client: MatrixClient, password: string): Promise<void> {
  await provePassword(client, password);
  await cryptoOf(client).resetEncryption((upload) => withPassword(client, password, upload));
}
