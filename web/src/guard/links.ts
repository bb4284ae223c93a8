/**
 * What a link in a message may do when it is followed (threats `identity`, `clients`).
 *
 * 1. Only `https:`, `http:` and `mailto:` lead out of the page; `javascript:`, `data:` and the rest
 *    lead nowhere.
 * 2. `matrix:` and matrix.to addresses lead to a place within the page.
 * 3. A link whose words name another host than it leads to, or whose host is written in letters
 *    that may look like others (punycode), is asked about first: the true host is shown.
 */

export type Verdict =
  | { kind: "open"; href: string }
  | { kind: "ask"; href: string; host: string; because: "other-host" | "look-alike" }
  | { kind: "person"; userId: string }
  | { kind: "room"; roomId: string }
  | { kind: "nowhere" };

const OUTWARD = new Set(["https:", "http:", "mailto:"]);
const HOST_IN_WORDS = /^(?:https?:\/\/)?((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})(?:[/:?#]|$)/iu;
const PERSON = /^@[^:]+:.+/;
const ROOM = /^!.+/;

/** Judge a link by its address and by the words that a person sees. */
export function judge(href: string, words: string): Verdict {
  const url = parsed(href);
  if (!url) return { kind: "nowhere" };
  const inside = insideOf(url);
  if (inside) return inside;
  if (!OUTWARD.has(url.protocol)) return { kind: "nowhere" }; // 1
  if (url.protocol === "mailto:") return { kind: "open", href: url.href };
  const host = url.hostname;
  if (host.split(".").some((label) => label.startsWith("xn--"))) {
    return { kind: "ask", href: url.href, host, because: "look-alike" }; // 3
  }
  const named = HOST_IN_WORDS.exec(words.trim())?.[1];
  if (named !== undefined && parsed(`https://${named}`)?.hostname !== host) {
    return { kind: "ask", href: url.href, host, because: "other-host" };
  }
  return { kind: "open", href: url.href };
}

function parsed(href: string): URL | undefined {
  try {
    return new URL(href);
  } catch {
    return undefined;
  }
}

// Rule 2.
function insideOf(url: URL): Verdict | undefined {
  if (url.protocol === "matrix:") {
    const [kind, id] = url.pathname.split("/");
    if (kind === "u" && id) return { kind: "person", userId: `@${decoded(id)}` };
    if (kind === "roomid" && id) return { kind: "room", roomId: `!${decoded(id)}` };
    return { kind: "nowhere" };
  }
  if (url.hostname !== "matrix.to") return undefined;
  const [, target = ""] = decoded(url.hash).replace(/\?.*$/, "").split("/");
  if (PERSON.test(target)) return { kind: "person", userId: target };
  return ROOM.test(target) ? { kind: "room", roomId: target } : { kind: "nowhere" };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
