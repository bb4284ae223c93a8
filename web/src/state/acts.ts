/** What one does with a message: react, take back, remove, report, pin, and say that it was read. */

import { EventType, type MatrixClient, type MatrixEvent, ReceiptType, RelationType, type Room } from "matrix-js-sdk";

import type { Item } from "./items.ts";

const PINNED = "m.room.pinned_events";

/** React with an emoji, or take one's own back. */
export async function react(client: MatrixClient, item: Item, key: string): Promise<void> {
  const { event } = item;
  const roomId = event.getRoomId() ?? "";
  const own = "reactions" in item ? item.reactions.find((each) => each.key === key)?.ownId : undefined;
  if (own) {
    await client.redactEvent(roomId, own);
    return;
  }
  const relation = { rel_type: RelationType.Annotation, event_id: event.getId() ?? "", key } as const;
  await client.sendEvent(roomId, EventType.Reaction, { "m.relates_to": relation });
}

/** Remove a message for everybody. */
export async function remove(client: MatrixClient, event: MatrixEvent): Promise<void> {
  await client.redactEvent(event.getRoomId() ?? "", event.getId() ?? "");
}

/** Whether one may remove this message: one's own, or anybody's with the power to. */
export function mayRemove(room: Room, event: MatrixEvent): boolean {
  const isOwn = event.getSender() === room.myUserId;
  return isOwn || room.currentState.maySendRedactionForEvent(event, room.myUserId);
}

/** Whether one may pin in this room. */
export function mayPin(room: Room): boolean {
  return room.currentState.maySendStateEvent(PINNED, room.myUserId);
}

/** The pinned messages' ids. */
export function pinnedIn(room: Room): string[] {
  const content = room.currentState.getStateEvents(PINNED, "")?.getContent();
  const ids: unknown = content?.["pinned"];
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
}

/** Pin a message, or take the pin out. */
export async function togglePin(client: MatrixClient, room: Room, eventId: string): Promise<void> {
  const now = pinnedIn(room);
  const pinned = now.includes(eventId) ? now.filter((id) => id !== eventId) : [...now, eventId];
  await client.sendStateEvent(room.roomId, EventType.RoomPinnedEvents, { pinned }, "");
}

/** Report a message to the administrators. */
export async function report(client: MatrixClient, event: MatrixEvent, why: string): Promise<void> {
  await client.reportEvent(event.getRoomId() ?? "", event.getId() ?? "", -100, why);
}

/** Say that everything up to this message was read. `isPrivate`: to one's own devices only. */
export async function markRead(
  client: MatrixClient,
  event: MatrixEvent,
  isPrivate: boolean,
): Promise<void> {
  const kind = isPrivate ? ReceiptType.ReadPrivate : ReceiptType.Read;
  await client.sendReadReceipt(event, kind, true).catch(() => undefined); // said again by the next
}
