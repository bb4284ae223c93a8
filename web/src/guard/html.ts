/**
 * Formatted messages: what the specification allows in them, and nothing that fetches, runs or looks
 * like a part of this page.
 *
 * No pictures (a picture is fetched from somewhere: whoever sent it would learn who looks and when),
 * no styles, classes or ids, no forms, no frames.
 *
 * Source: client-server API, "m.room.message msgtypes", `org.matrix.custom.html`.
 */

import { cleaned } from "../platform/trusted.ts";

const TAGS =
  "del h1 h2 h3 h4 h5 h6 blockquote p a ul ol sup sub li b i u strong em s code hr br div table" +
  " thead tbody tr th td caption pre span details summary";
const ATTRIBUTES = ["href", "start"];
const LONGEST = 65_536;
const REPLY = /<mx-reply>[\s\S]*?<\/mx-reply>/gi;

/** The message's HTML, as it may be shown. */
export function shown(html: string): string {
  const without = html.slice(0, LONGEST).replace(REPLY, "");
  return cleaned(without, { tags: TAGS.split(" "), attributes: ATTRIBUTES });
}
