/**
 * Files, encrypted before they leave and checked before they are shown: by the SDK's wasm.
 *
 * Source: client-server API, "Sending encrypted attachments".
 */

import { Attachment, EncryptedAttachment } from "@matrix-org/matrix-sdk-crypto-wasm";

/** `file` of a message: where the ciphertext is, its key, and its hash. */
export interface SealedFile {
  url: string;
  v: string;
  key: Record<string, unknown>;
  iv: string;
  hashes: Record<string, string>;
}

/** The ciphertext, and what opens it (the address is not known yet). */
export function seal(bytes: Uint8Array): { ciphertext: Uint8Array; opens: Omit<SealedFile, "url"> } {
  const sealed = Attachment.encrypt(bytes);
  const opens = JSON.parse(sealed.mediaEncryptionInfo ?? "null") as Omit<SealedFile, "url">;
  return { ciphertext: sealed.encryptedData, opens };
}

/** The file's bytes. Throws for what is not what was sent, by its hash. */
export function unseal(ciphertext: Uint8Array, file: SealedFile): Uint8Array {
  const { v, key, iv, hashes } = file;
  const attachment = new EncryptedAttachment(ciphertext, JSON.stringify({ v, key, iv, hashes }));
  return Attachment.decrypt(attachment);
}
