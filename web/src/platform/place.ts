/**
 * Where in the client one is: the part of the address behind `#`, which no server ever hears of.
 *
 * `#/invite/TOKEN`, `#/room/ROOM_ID`, `#/settings/PAGE`, `#/admin/PAGE`, `#/`.
 */

export type Place =
  | { at: "home" }
  | { at: "invite"; token: string }
  | { at: "room"; roomId: string; eventId?: string }
  | { at: "settings"; page: string }
  | { at: "admin"; page: string };

/** The place that an address's fragment names; home for what is none. */
export function placeOf(hash: string): Place {
  const [, kind = "", first = "", second = ""] = hash.replace(/^#/, "").split("/").map(decoded);
  if (kind === "invite" && first) return { at: "invite", token: first };
  if (kind === "room" && first) {
    return { at: "room", roomId: first, ...(second && { eventId: second }) };
  }
  if (kind === "settings") return { at: "settings", page: first || "profile" };
  if (kind === "admin") return { at: "admin", page: first || "people" };
  return { at: "home" };
}

/** The fragment of a place. */
export function hashOf(place: Place): string {
  const parts: Record<Place["at"], string[]> = {
    home: [],
    invite: ["invite", place.at === "invite" ? place.token : ""],
    room: place.at === "room" ? ["room", place.roomId, place.eventId ?? ""] : [],
    settings: ["settings", place.at === "settings" ? place.page : ""],
    admin: ["admin", place.at === "admin" ? place.page : ""],
  };
  return `#/${parts[place.at].filter(Boolean).map(encodeURIComponent).join("/")}`;
}

/** Go there. `instead`: the present place is not gone back to. */
export function go(place: Place, { instead = false } = {}): void {
  const hash = hashOf(place);
  if (instead) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  dispatchEvent(new PopStateEvent("popstate"));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
