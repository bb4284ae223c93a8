/** What was begun and not sent, by room (and thread): sealed in this browser, there after a reload. */

import { keep, kept } from "../platform/vault.ts";
import type { Draft } from "./writing.ts";

const KEPT = "drafts";
const SAVE_MS = 400;
const EMPTY: Draft = { text: "", named: {} };

let drafts: Map<string, Draft> | undefined;
let saving: ReturnType<typeof setTimeout> | undefined;

/** Read them once, before the first conversation is shown. */
export async function beginDrafts(): Promise<void> {
  const found = await kept(KEPT);
  const isMap = typeof found === "object" && found !== null;
  drafts = new Map(isMap ? Object.entries(found as Record<string, Draft>) : []);
}

export function draftOf(place: string): Draft {
  return drafts?.get(place) ?? EMPTY;
}

/** Remember it; an empty one is forgotten. */
export function setDraft(place: string, draft: Draft): void {
  if (draft.text) drafts?.set(place, draft);
  else drafts?.delete(place);
  clearTimeout(saving);
  saving = setTimeout(() => void keep(KEPT, Object.fromEntries(drafts ?? [])), SAVE_MS);
}
