/**
 * The SDK's Rust crypto, opened over a store that is sealed with a key of the vault.
 *
 * Keys go only to devices that their owner signed, and what devices send that are not is not
 * decrypted (threat `identity`).
 */

import type { MatrixClient } from "matrix-js-sdk";
import { OnlySignedDevicesIsolationMode } from "matrix-js-sdk/lib/crypto-api";

import { keep, kept } from "../platform/vault.ts";

const STORE_KEY = "crypto-store-key";
const STORE_KEY_BYTES = 32;

/** Open the store and have the client encrypt. Once for each client, before it syncs. */
export async function startCrypto(client: MatrixClient): Promise<void> {
  await client.initRustCrypto({
    useIndexedDB: true,
    cryptoDatabasePrefix: "privity-crypto",
    storageKey: await storeKey(),
  });
  const crypto = client.getCrypto();
  if (!crypto) throw new Error("no crypto");
  crypto.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
  crypto.setTrustCrossSignedDevices(true);
}

async function storeKey(): Promise<Uint8Array<ArrayBuffer>> {
  const known = await kept(STORE_KEY);
  if (Array.isArray(known)) return new Uint8Array(known as number[]);
  const made = crypto.getRandomValues(new Uint8Array(STORE_KEY_BYTES));
  await keep(STORE_KEY, [...made]);
  return made;
}
