/** Files on their way out, and files that were sent. */

import type { MatrixClient, MatrixEvent } from "matrix-js-sdk";
import type { RoomMessageEventContent } from "matrix-js-sdk/lib/@types/events";

import { type SealedFile, seal, unseal } from "../crypto/attachments.ts";
import { type Judged, judge, plainName } from "../guard/files.ts";
import { download, mostBytes, upload } from "../matrix/media.ts";
import { Refused } from "../matrix/refusals.ts";
import { outboxOf } from "./outbox.ts";

const TYPES = { image: "m.image", audio: "m.audio", video: "m.video" } as const;

export interface Sent {
  name: string;
  sizeBytes: number;
  width?: number;
  height?: number;
  file: SealedFile;
}

/** Encrypt a file, send it up, and say so in the room. Refused as `too-large` beyond the limit. */
export async function sendFile(
  client: MatrixClient,
  roomId: string,
  threadId: string | null,
  file: File,
  abort: AbortController,
  tell: (share: number) => void,
): Promise<void> {
  if (file.size > (await mostBytes(client))) throw new Refused({ kind: "too-large" });
  const bytes = await withoutTraces(new Uint8Array(await file.arrayBuffer()));
  const judged = judge(bytes);
  const { ciphertext, opens } = seal(bytes);
  const url = await upload(client, ciphertext, abort, tell);
  const size = judged.kind === "image" ? await sizeOf(bytes, judged) : {};
  const name = plainName(file.name);
  const content = {
    msgtype: judged.kind in TYPES ? TYPES[judged.kind as keyof typeof TYPES] : "m.file",
    body: name,
    filename: name,
    info: { mimetype: judged.type, size: bytes.length, ...size },
    file: { ...opens, url },
    "m.mentions": {},
  };
  await outboxOf(client).send(roomId, threadId, content as unknown as RoomMessageEventContent);
}

/** What a message says of its file; undefined for one that cannot be opened. */
export function sentIn(event: MatrixEvent): Sent | undefined {
  const content = event.getContent();
  const file = content["file"] as SealedFile | undefined;
  if (typeof file?.url !== "string") return undefined;
  const info = (content["info"] ?? {}) as { size?: unknown; w?: unknown; h?: unknown };
  const name = plainName(String(content["filename"] ?? content["body"] ?? ""));
  const sizeBytes = typeof info.size === "number" ? info.size : 0;
  const hasSize = typeof info.w === "number" && typeof info.h === "number" && info.w > 0 && info.h > 0;
  return { name, sizeBytes, file, ...(hasSize && { width: Number(info.w), height: Number(info.h) }) };
}

/** Its bytes, and what they are. Throws when they are not what was sent. */
export async function opened(
  client: MatrixClient,
  sent: Sent,
): Promise<{ bytes: Uint8Array; judged: Judged }> {
  const bytes = unseal(await download(client, sent.file.url), sent.file);
  return { bytes, judged: judge(bytes) };
}

async function sizeOf(bytes: Uint8Array, { type }: Judged): Promise<{ w?: number; h?: number }> {
  try {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type }));
    const { width: w, height: h } = bitmap;
    bitmap.close();
    return { w, h };
  } catch {
    return {}; // it only says that it is an image
  }
}

/** A photograph without what the camera wrote into it: where it was taken, and when. */
async function withoutTraces(bytes: Uint8Array): Promise<Uint8Array> {
  const judged = judge(bytes);
  if (judged.type !== "image/jpeg") return bytes;
  try {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: judged.type }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    bitmap.close();
    const clean = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
    return new Uint8Array(await clean.arrayBuffer());
  } catch {
    return bytes; // what no browser can draw carries nothing that a browser would read
  }
}
