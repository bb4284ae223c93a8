/** Who is in a room, and what one may do with them; how loud the room is. */

import { type MatrixClient, type Room, type RoomMember, RoomStateEvent } from "matrix-js-sdk";

import { soon } from "../platform/soon.ts";

export type Role = "administrator" | "moderator" | "member";

export interface Companion {
  userId: string;
  name: string;
  mxc: string | undefined;
  role: Role;
  isInvited: boolean;
  /** What one may do about them. */
  mayRemove: boolean;
  mayPromote: boolean;
}

const LEVELS: Record<Role, number> = { administrator: 100, moderator: 50, member: 0 };

/** Everybody in the room, and who is invited; administrators first. */
export function companyOf(room: Room): Companion[] {
  const members = [...room.getMembersWithMembership("join"), ...room.getMembersWithMembership("invite")];
  return members
    .map((member) => companionOf(room, member))
    .sort((a, b) => LEVELS[b.role] - LEVELS[a.role] || a.name.localeCompare(b.name));
}

function companionOf(room: Room, member: RoomMember): Companion {
  const own = levelOf(room, room.myUserId);
  const theirs = levelOf(room, member.userId);
  const isOther = member.userId !== room.myUserId;
  const isBelow = isOther && theirs < own;
  const power = room.currentState.getStateEvents("m.room.power_levels", "")?.getContent();
  const kick = typeof power?.["kick"] === "number" ? power["kick"] : LEVELS.moderator;
  return {
    userId: member.userId,
    name: member.name,
    mxc: member.getMxcAvatarUrl(),
    role: theirs >= LEVELS.administrator ? "administrator" : theirs >= LEVELS.moderator ? "moderator" : "member",
    isInvited: member.membership === "invite",
    mayRemove: isBelow && own >= kick,
    mayPromote: isBelow && own >= LEVELS.administrator,
  };
}

function levelOf(room: Room, userId: string): number {
  return room.getCreator() === userId ? Infinity : (room.getMember(userId)?.powerLevel ?? 0);
}

/** Give somebody a role. */
export async function promote(client: MatrixClient, room: Room, userId: string, role: Role): Promise<void> {
  await client.setPowerLevel(room.roomId, userId, LEVELS[role]);
}

/** Whether nothing in this room makes a sound. */
export function isMuted(client: MatrixClient, roomId: string): boolean {
  const rule = client.getRoomPushRule("global", roomId);
  return rule !== undefined && rule.actions.length === 0;
}

/** Make it quiet, or loud again. */
export async function setMuted(client: MatrixClient, roomId: string, is: boolean): Promise<void> {
  await client.setRoomMutePushRule("global", roomId, is);
}

/** Told again whenever somebody comes, goes or becomes something else. */
export function followCompany(room: Room, tell: (company: Companion[]) => void): () => void {
  const update = soon(() => tell(companyOf(room)));
  room.on(RoomStateEvent.Members, update);
  room.on(RoomStateEvent.Events, update);
  void room.loadMembersIfNeeded().then(update, () => undefined); // what is known is shown meanwhile
  update();
  return () => {
    room.off(RoomStateEvent.Members, update);
    room.off(RoomStateEvent.Events, update);
  };
}
