/** Beginning conversations, being invited to them, leaving them. Every one is encrypted. */

import { EventType, type MatrixClient, Preset, type Room, Visibility } from "matrix-js-sdk";

const ENCRYPTED = {
  type: EventType.RoomEncryption,
  state_key: "",
  content: { algorithm: "m.megolm.v1.aes-sha2" },
};
const FAVOURITE = "m.favourite";

/** The direct chat with somebody: the one that there is, or a new one. Its id. */
export async function chatWith(client: MatrixClient, userId: string): Promise<string> {
  const known = chatsOf(client)[userId]?.find((id) => {
    const room = client.getRoom(id);
    return room?.getMyMembership() === "join" && room.getMember(userId)?.membership !== "leave";
  });
  if (known) return known;
  const { room_id } = await client.createRoom({
    preset: Preset.TrustedPrivateChat,
    visibility: Visibility.Private,
    is_direct: true,
    invite: [userId],
    initial_state: [ENCRYPTED],
  });
  await noteDirect(client, userId, room_id);
  return room_id;
}

/** A new room of several people. Its id. */
export async function roomOf(client: MatrixClient, name: string, userIds: string[]): Promise<string> {
  const { room_id } = await client.createRoom({
    preset: Preset.PrivateChat,
    visibility: Visibility.Private,
    name,
    invite: userIds,
    initial_state: [ENCRYPTED],
  });
  return room_id;
}

/** Take an invitation. A direct chat is remembered as one. */
export async function accept(client: MatrixClient, room: Room): Promise<void> {
  const inviter = room.getDMInviter();
  await client.joinRoom(room.roomId);
  if (inviter) await noteDirect(client, inviter, room.roomId);
}

/** Decline an invitation, or leave; it is gone from the list. */
export async function leave(client: MatrixClient, roomId: string): Promise<void> {
  await client.leave(roomId);
  await client.forget(roomId);
}

/** Hear nothing more of somebody: their messages and invitations. Again: hear them. */
export async function setBlocked(client: MatrixClient, userId: string, isBlocked: boolean): Promise<void> {
  const others = client.getIgnoredUsers().filter((each) => each !== userId);
  await client.setIgnoredUsers(isBlocked ? [...others, userId] : others);
}

/** Put it at the head of the list, or take it from there. */
export async function setFavourite(client: MatrixClient, roomId: string, is: boolean): Promise<void> {
  if (is) await client.setRoomTag(roomId, FAVOURITE, { order: 0.5 });
  else await client.deleteRoomTag(roomId, FAVOURITE);
}

function chatsOf(client: MatrixClient): Record<string, string[]> {
  return client.getAccountData(EventType.Direct)?.getContent<Record<string, string[]>>() ?? {};
}

async function noteDirect(client: MatrixClient, userId: string, roomId: string): Promise<void> {
  const chats = chatsOf(client);
  const ids = [...new Set([...(chats[userId] ?? []), roomId])];
  await client.setAccountData(EventType.Direct, { ...chats, [userId]: ids });
}
