/**
 * What a file is, whatever it calls itself; and what may be shown inline (threat `files`).
 *
 * 1. What a file is follows from its first bytes, never from its name or what its sender says.
 * 2. Only raster images, audio, video and plain text open inline. SVG and HTML can run scripts: they
 *    are files to be saved, like all else.
 * 3. A name is shown with what hides in it: characters that turn the direction of writing, and a
 *    last extension that is not the one the eye reads.
 */

export type Kind = "image" | "audio" | "video" | "text" | "program" | "other";

export interface Judged {
  kind: Kind;
  /** The type that the bytes have; never one that a browser runs. */
  type: string;
}

const OTHER: Judged = { kind: "other", type: "application/octet-stream" };
const LOOKED_AT_BYTES = 4096;
 
const NO_TEXT = /[\u0000-\u0008\u000e-\u001f\ufffd]/;
const TURNING = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const RUNS = /\.(exe|scr|com|bat|cmd|msi|ps1|vbs|js|jse|wsf|hta|lnk|jar|apk|app|dmg|sh|desktop|reg|dll|iso)$/i;

/** Beginnings: at which byte, which bytes, what it is. */
const BEGINNINGS: [number, string, Kind, string][] = [
  [0, "\x89PNG\r\n\x1a\n", "image", "image/png"],
  [0, "\xff\xd8\xff", "image", "image/jpeg"],
  [0, "GIF87a", "image", "image/gif"],
  [0, "GIF89a", "image", "image/gif"],
  [8, "WEBP", "image", "image/webp"],
  [4, "ftypavif", "image", "image/avif"],
  [8, "WAVE", "audio", "audio/wav"],
  [0, "OggS", "audio", "audio/ogg"],
  [0, "fLaC", "audio", "audio/flac"],
  [0, "ID3", "audio", "audio/mpeg"],
  [0, "\xff\xfb", "audio", "audio/mpeg"],
  [4, "ftyp", "video", "video/mp4"],
  [0, "\x1aE\xdf\xa3", "video", "video/webm"],
  [0, "MZ", "program", "application/x-msdownload"],
  [0, "\x7fELF", "program", "application/x-elf"],
  [0, "\xcf\xfa\xed\xfe", "program", "application/x-mach-binary"],
  [0, "\xca\xfe\xba\xbe", "program", "application/x-mach-binary"],
  [0, "#!", "program", "text/x-shellscript"],
];

/** What these bytes are. */
export function judge(bytes: Uint8Array): Judged {
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  const begun = BEGINNINGS.find(([at, beginning]) => head.startsWith(beginning, at));
  if (begun) return { kind: begun[2], type: begun[3] };
  const text = new TextDecoder().decode(bytes.subarray(0, LOOKED_AT_BYTES));
  const isText = !NO_TEXT.test(text.slice(0, -1)) && !/^\s*</.test(text);
  return isText && bytes.length > 0 ? { kind: "text", type: "text/plain" } : OTHER;
}

/** Whether it may be shown within the page. */
export function opensInline(judged: Judged): boolean {
  return judged.kind === "image" || judged.kind === "audio" || judged.kind === "video";
}

/** A name as it may be shown and saved: nothing hides in it. */
export function plainName(name: string): string {
  const last = name.replaceAll(TURNING, "").split(/[\\/]/).at(-1)?.trim() ?? "";
  return last.slice(-120) || "file";
}

/** Whether the file would run when it is opened, by its bytes or by its name. */
export function runs(name: string, judged: Judged): boolean {
  return judged.kind === "program" || RUNS.test(plainName(name));
}
