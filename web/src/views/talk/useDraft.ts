import type { Room } from "matrix-js-sdk";
import { useState } from "react";

import { draftOf, setDraft as keepDraft } from "../../state/drafts.ts";
import { preferences } from "../../state/preferences.ts";
import { sayTyping } from "../../state/typing.ts";
import type { Draft, Purpose } from "../../state/writing.ts";
import { useClient } from "../client.ts";

const EMPTY: Draft = { text: "", named: {} };

/** What is being written: the room's draft, or the words of the message that is edited. */
export function useDraft(
  room: Room,
  threadId: string | null,
  purpose: Purpose,
): [Draft, (draft: Draft) => void, () => void] {
  const client = useClient();
  const place = threadId ?? room.roomId;
  const [draft, show] = useState(() => draftOf(place));
  const [edited, setEdited] = useState<string>();

  const editing = purpose.kind === "edit" ? purpose.of.getId() : undefined;
  if (editing !== edited) {
    setEdited(editing);
    const text = purpose.kind === "edit" ? String(purpose.of.getContent()["body"] ?? "") : "";
    show(editing === undefined ? draftOf(place) : { text, named: {} });
  }

  function set(next: Draft): void {
    show(next);
    if (editing === undefined) keepDraft(place, next);
    if (next.text && preferences.getState().tellsTyping) sayTyping(client, room.roomId);
  }

  function clear(): void {
    show(EMPTY);
    if (editing === undefined) keepDraft(place, EMPTY);
  }

  return [draft, set, clear];
}
