/**
 * What this browser keeps of a session: encrypted with a key that no script can read out.
 *
 * The key is made by WebCrypto as not extractable and lies in IndexedDB as an object: who copies
 * the database's text has ciphertext. What stands in localStorage is nothing.
 */

import { openDB, type DBSchema, type IDBPDatabase } from "idb";

interface Kept extends DBSchema {
  keys: { key: "wrapping"; value: CryptoKey };
  values: { key: string; value: { iv: Uint8Array<ArrayBuffer>; sealed: ArrayBuffer } };
}

const NAME = "privity-vault";
const IV_BYTES = 12;
const MOST_WAIT_MS = 5000;

let opened: Promise<IDBPDatabase<Kept>> | undefined;

function database(): Promise<IDBPDatabase<Kept>> {
  opened ??= openDB<Kept>(NAME, 1, {
    upgrade(db) {
      db.createObjectStore("keys");
      db.createObjectStore("values");
    },
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close(); // another tab wipes it
      opened = undefined;
    },
  });
  return opened;
}

async function wrappingKey(): Promise<CryptoKey> {
  const db = await database();
  const known = await db.get("keys", "wrapping");
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  const tx = db.transaction("keys", "readwrite");
  const first = await tx.store.get("wrapping"); // another tab may have been faster
  if (!first) await tx.store.put(made, "wrapping");
  await tx.done;
  return first ?? made;
}

/** Keep a value (what JSON can say) under a name. */
export async function keep(name: string, value: unknown): Promise<void> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const clear = new TextEncoder().encode(JSON.stringify(value));
  const additionalData = new TextEncoder().encode(name);
  const key = await wrappingKey();
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, clear);
  await (await database()).put("values", { iv, sealed }, name);
}

/** What is kept under a name; undefined when there is nothing, or nothing that can be opened. */
export async function kept(name: string): Promise<unknown> {
  const found = await (await database()).get("values", name);
  if (!found) return undefined;
  const additionalData = new TextEncoder().encode(name);
  try {
    const clear = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: found.iv, additionalData },
      await wrappingKey(),
      found.sealed,
    );
    return JSON.parse(new TextDecoder().decode(clear));
  } catch {
    return undefined;
  }
}

/** Keep it no longer. */
export async function drop(name: string): Promise<void> {
  await (await database()).delete("values", name);
}

/** Everything, the key too, and every other database of this page. */
export async function wipe(): Promise<void> {
  (await database()).close();
  opened = undefined;
  const all = await indexedDB.databases();
  await Promise.all([...all.map(({ name }) => name && deleted(name)), ...(await cachesDropped())]);
  localStorage.clear();
  sessionStorage.clear();
}

async function cachesDropped(): Promise<Promise<boolean>[]> {
  const names = "caches" in globalThis ? await caches.keys() : [];
  return names.filter((name) => !name.startsWith("shell-")).map((name) => caches.delete(name));
}

/** Gone once the last connection to it is closed, another tab's too; one that hangs is not waited for. */
function deleted(name: string): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = () => resolve();
    setTimeout(resolve, MOST_WAIT_MS);
  });
}
