/** Save a text as a file of the person's, and read one that they choose. */

const MOST_READ_BYTES = 1_000_000;

/** Give it to the browser to be saved under this name. */
export function saveText(name: string, text: string): void {
  save(name, new Blob([text], { type: "text/plain;charset=utf-8" }));
}

/** The same for a file's bytes: saved, never opened. */
export function saveBytes(name: string, bytes: Uint8Array): void {
  save(name, new Blob([new Uint8Array(bytes)], { type: "application/octet-stream" }));
}

function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 0);
}

/** What stands in a file; empty for one that is too large to be a text of ours. */
export async function textOf(file: File): Promise<string> {
  return file.size > MOST_READ_BYTES ? "" : file.text();
}
