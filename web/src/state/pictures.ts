/** Pictures of people and rooms: fetched with the session's token, kept as `blob:` addresses. */

import type { MatrixClient } from "matrix-js-sdk";

const MOST = 300;
const SIZE = 96;

const known = new Map<string, Promise<string | undefined>>();

/** The address within this page of a picture's thumbnail; undefined when there is none. */
export function pictureOf(client: MatrixClient, mxc: string): Promise<string | undefined> {
  const found = known.get(mxc) ?? fetched(client, mxc);
  known.delete(mxc);
  known.set(mxc, found);
  if (known.size > MOST) forgetOldest();
  return found;
}

/** Forget all of them: who was in has left. */
export function forgetPictures(): void {
  while (known.size > 0) forgetOldest();
}

function forgetOldest(): void {
  const [oldest] = known;
  if (!oldest) return;
  known.delete(oldest[0]);
  void oldest[1].then((address) => address && URL.revokeObjectURL(address));
}

async function fetched(client: MatrixClient, mxc: string): Promise<string | undefined> {
  const url = client.mxcUrlToHttp(mxc, SIZE, SIZE, "crop", false, true, true);
  const token = client.getAccessToken();
  if (!url || !token) return undefined;
  try {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) return undefined;
    const picture = await response.blob();
    return picture.type.startsWith("image/") ? URL.createObjectURL(picture) : undefined;
  } catch {
    return undefined;
  }
}
