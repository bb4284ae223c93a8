/**
 * The key that secret storage is locked with: in memory while one deed needs it, and nowhere else.
 *
 * The SDK asks for it in the middle of its own work; outside of such a deed it gets none.
 */

import type { CryptoCallbacks } from "matrix-js-sdk/lib/crypto-api";

const held = new Map<string, Uint8Array<ArrayBuffer>>();

export const secretKeys: CryptoCallbacks = {
  getSecretStorageKey: ({ keys }) => {
    for (const id of Object.keys(keys)) {
      const key = held.get(id);
      if (key) return Promise.resolve([id, key]);
    }
    return Promise.resolve(null);
  },
  cacheSecretStorageKey: (id, _info, key) => void held.set(id, key.slice()),
};

/** Do it with a key at hand, if it is given, or with the one that the deed itself makes. */
export async function withSecretKey<T>(
  deed: () => Promise<T>,
  given?: { id: string; key: Uint8Array<ArrayBuffer> },
): Promise<T> {
  if (given) held.set(given.id, given.key);
  try {
    return await deed();
  } finally {
    for (const key of held.values()) key.fill(0);
    held.clear();
  }
}
