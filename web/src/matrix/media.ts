/** Ciphertext up to the server, and down from it. */

import type { MatrixClient } from "matrix-js-sdk";

import { Refused, refusalOf } from "./refusals.ts";

const UNKNOWN = "application/octet-stream";

/** The most that the server takes, bytes. */
export async function mostBytes(client: MatrixClient): Promise<number> {
  const config = await client.getMediaConfig(true);
  return config["m.upload.size"] ?? Infinity;
}

/** Send it up; its `mxc:` address. The server learns its size and nothing else. */
export async function upload(
  client: MatrixClient,
  ciphertext: Uint8Array,
  abort: AbortController,
  tell: (share: number) => void,
): Promise<string> {
  const blob = new Blob([new Uint8Array(ciphertext)], { type: UNKNOWN });
  const { content_uri } = await client.uploadContent(blob, {
    type: UNKNOWN,
    includeFilename: false,
    abortController: abort,
    progressHandler: ({ loaded, total }) => tell(total > 0 ? loaded / total : 0),
  });
  return content_uri;
}

/** Fetch it, with the session's token. */
export async function download(client: MatrixClient, mxc: string): Promise<Uint8Array> {
  const url = client.mxcUrlToHttp(mxc, undefined, undefined, undefined, false, true, true);
  if (!url) throw new Refused({ kind: "unknown", errcode: "mxc" });
  const headers = { authorization: `Bearer ${client.getAccessToken() ?? ""}` };
  const response = await fetch(url, { headers });
  if (!response.ok) throw new Refused(refusalOf(response.status, await response.json().catch(() => ({}))));
  return new Uint8Array(await response.arrayBuffer());
}
