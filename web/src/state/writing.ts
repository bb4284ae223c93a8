/** From what a person typed to what is sent. */

import { marked } from "marked";
import type { MatrixEvent, Room } from "matrix-js-sdk";
import type { RoomMessageEventContent } from "matrix-js-sdk/lib/@types/events";

export interface Draft {
  text: string;
  /** Who was named with `@`, by the name that stands in the text. */
  named: Record<string, string>;
}

export type Purpose =
  | { kind: "new" }
  | { kind: "reply"; to: MatrixEvent }
  | { kind: "edit"; of: MatrixEvent };

const FORMAT = "org.matrix.custom.html";

marked.use({
  gfm: true,
  breaks: true,
  renderer: {
    html: ({ text }) => escaped(text), // what looks like HTML was typed as text
    image: ({ text, href }) => escaped(text || href),
  },
});

/** The content of a message. */
export function contentOf(draft: Draft, purpose: Purpose): RoomMessageEventContent {
  const said = bodyOf(draft);
  const mentions = { user_ids: namedIn(draft) };
  if (purpose.kind === "edit") {
    return {
      ...said,
      body: `* ${said.body}`,
      "m.mentions": {},
      "m.new_content": { ...said, "m.mentions": mentions },
      "m.relates_to": { rel_type: "m.replace", event_id: purpose.of.getId() ?? "" },
    } as RoomMessageEventContent;
  }
  if (purpose.kind === "reply") {
    const sender = purpose.to.getSender();
    if (sender && !mentions.user_ids.includes(sender)) mentions.user_ids.push(sender);
    return {
      ...said,
      "m.mentions": mentions,
      "m.relates_to": { "m.in_reply_to": { event_id: purpose.to.getId() ?? "" } },
    } as RoomMessageEventContent;
  }
  return { ...said, "m.mentions": mentions } as RoomMessageEventContent;
}

/** The HTML of a text with Markdown; undefined when it says no more than the text does. */
export function htmlOf(draft: Draft): string | undefined {
  const html = marked.parse(withLinks(draft), { async: false }).trim();
  const plain = `<p>${escaped(draft.text.trim()).replaceAll("\n", "<br>")}</p>`;
  return html === plain ? undefined : html;
}

function bodyOf(draft: Draft): { msgtype: string; body: string; format?: string; formatted_body?: string } {
  const body = draft.text.trim();
  const html = htmlOf(draft);
  return { msgtype: "m.text", body, ...(html && { format: FORMAT, formatted_body: html }) };
}

function namedIn(draft: Draft): string[] {
  return Object.entries(draft.named)
    .filter(([name]) => draft.text.includes(`@${name}`))
    .map(([, userId]) => userId);
}

function withLinks(draft: Draft): string {
  let text = draft.text.trim();
  for (const [name, userId] of Object.entries(draft.named)) {
    const link = `[${name}](https://matrix.to/#/${encodeURIComponent(userId)})`;
    text = text.replaceAll(`@${name}`, link);
  }
  return text;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** The newest message of one's own that can be edited. */
export function lastOwn(room: Room, userId: string): MatrixEvent | undefined {
  return room
    .getLiveTimeline()
    .getEvents()
    .findLast(
      (event) =>
        event.getSender() === userId &&
        event.getType() === "m.room.message" &&
        event.getContent()["msgtype"] === "m.text" &&
        !event.isRedacted() &&
        !event.isRelation("m.replace"),
    );
}
