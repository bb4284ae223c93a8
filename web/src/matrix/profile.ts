/** One's own picture: made small, and without what the camera wrote into it. */

import type { MatrixClient } from "matrix-js-sdk";

const SIZE = 256;

/** Set it; its `mxc:` address. It is no secret: everybody in one's rooms sees it. */
export async function setPicture(client: MatrixClient, file: Blob): Promise<string> {
  const picture = await square(file);
  const { content_uri } = await client.uploadContent(picture, { type: picture.type });
  await client.setAvatarUrl(content_uri);
  return content_uri;
}

async function square(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  const side = Math.min(bitmap.width, bitmap.height);
  const canvas = new OffscreenCanvas(SIZE, SIZE);
  const left = (bitmap.width - side) / 2;
  const top = (bitmap.height - side) / 2;
  canvas.getContext("2d")?.drawImage(bitmap, left, top, side, side, 0, 0, SIZE, SIZE);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
}
