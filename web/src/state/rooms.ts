/** The rooms one is in or invited to, as the list shows them: newest first. */

import {
  ClientEvent,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  NotificationCountType,
  type Room,
  RoomEvent,
  RoomStateEvent,
} from "matrix-js-sdk";
import { createStore } from "zustand/vanilla";

import { soon } from "../platform/soon.ts";

export type Preview =
  | { kind: "none" }
  | { kind: "text"; sender: string; isOwn: boolean; text: string }
  | { kind: "file"; sender: string; isOwn: boolean }
  | { kind: "sealed" };

export interface RoomLine {
  roomId: string;
  name: string;
  /** `mxc:` address of its picture. */
  picture?: string;
  /** The other person, in a direct chat. */
  withUserId?: string;
  standing: "in" | "invited" | "knocking";
  preview: Preview;
  /** Of the newest message, ms. */
  at: number;
  unread: number;
  mentions: number;
  isFavourite: boolean;
}

export const rooms = createStore<RoomLine[]>(() => []);

const STANDINGS: Record<string, RoomLine["standing"]> = {
  join: "in",
  invite: "invited",
  knock: "knocking",
};
const FILES = new Set(["m.image", "m.video", "m.audio", "m.file"]);

/** Keep the list up to date, until what is given back is called. */
export function followRooms(client: MatrixClient): () => void {
  const update = soon(() => rooms.setState(linesOf(client), true));
  const events = [
    RoomEvent.Timeline,
    RoomEvent.Name,
    RoomEvent.MyMembership,
    RoomEvent.Receipt,
    RoomEvent.Tags,
    RoomEvent.UnreadNotifications,
    RoomStateEvent.Events,
    MatrixEventEvent.Decrypted,
    ClientEvent.AccountData,
    ClientEvent.DeleteRoom,
  ] as const;
  for (const event of events) client.on(event as RoomEvent.Name, update);
  update();
  return () => {
    for (const event of events) client.off(event as RoomEvent.Name, update);
    rooms.setState([], true);
  };
}

function linesOf(client: MatrixClient): RoomLine[] {
  return client
    .getVisibleRooms()
    .filter((room) => room.getMyMembership() in STANDINGS && !room.isSpaceRoom())
    .map((room) => lineOf(client, room))
    .sort((a, b) => Number(b.isFavourite) - Number(a.isFavourite) || b.at - a.at);
}

function lineOf(client: MatrixClient, room: Room): RoomLine {
  const newest = newestMessage(room);
  const withUserId = directWith(client, room);
  const picture = room.getMxcAvatarUrl() ?? (withUserId && pictureOf(room, withUserId));
  return {
    roomId: room.roomId,
    name: room.name,
    standing: STANDINGS[room.getMyMembership()] ?? "in",
    preview: newest ? previewOf(client, newest) : { kind: "none" },
    at: newest?.getTs() ?? room.getLastActiveTimestamp(),
    unread: room.getUnreadNotificationCount(NotificationCountType.Total),
    mentions: room.getUnreadNotificationCount(NotificationCountType.Highlight),
    isFavourite: "m.favourite" in room.tags,
    ...(picture && { picture }),
    ...(withUserId && { withUserId }),
  };
}

/** With whom a direct chat is; undefined for what is none. */
export function directWith(client: MatrixClient, room: Room): string | undefined {
  const content = client.getAccountData("m.direct" as never)?.getContent<Record<string, string[]>>();
  for (const [userId, ids] of Object.entries(content ?? {})) {
    if (Array.isArray(ids) && ids.includes(room.roomId)) return userId;
  }
  return room.getDMInviter();
}

function pictureOf(room: Room, userId: string): string | undefined {
  return room.getMember(userId)?.getMxcAvatarUrl();
}

function newestMessage(room: Room): MatrixEvent | undefined {
  return room
    .getLiveTimeline()
    .getEvents()
    .findLast((event) => isMessage(event) && !event.isRelation("m.replace"));
}

function isMessage(event: MatrixEvent): boolean {
  return event.isEncrypted() && !event.isRedacted() && event.getType() !== "m.reaction";
}

function previewOf(client: MatrixClient, event: MatrixEvent): Preview {
  if (event.isDecryptionFailure() || event.getType() === "m.room.encrypted") {
    return { kind: "sealed" };
  }
  const sender = event.sender?.name ?? event.getSender() ?? "";
  const isOwn = event.getSender() === client.getUserId();
  const content = event.getContent();
  if (FILES.has(String(content["msgtype"]))) return { kind: "file", sender, isOwn };
  return { kind: "text", sender, isOwn, text: String(content["body"] ?? "").slice(0, 200) };
}
