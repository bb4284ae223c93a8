/** Who is typing in a room, and that one is oneself. */

import { type MatrixClient, RoomMemberEvent } from "matrix-js-sdk";

const TOLD_EVERY_MS = 4000;
const LASTS_MS = 6000;

const told = new Map<string, number>();

/** Say that one types; said again only after a while. */
export function sayTyping(client: MatrixClient, roomId: string): void {
  const now = Date.now();
  if (now - (told.get(roomId) ?? 0) < TOLD_EVERY_MS) return;
  told.set(roomId, now);
  void client.sendTyping(roomId, true, LASTS_MS).catch(() => undefined);
}

/** Say that one does not any more. */
export function sayQuiet(client: MatrixClient, roomId: string): void {
  if (told.delete(roomId)) void client.sendTyping(roomId, false, 0).catch(() => undefined);
}

/** The names of the others who type in a room, told again whenever that changes. */
export function followTyping(
  client: MatrixClient,
  roomId: string,
  tell: (names: string[]) => void,
): () => void {
  const update = (): void => {
    const members = client.getRoom(roomId)?.getMembers() ?? [];
    const others = members.filter((member) => member.typing && member.userId !== client.getUserId());
    tell(others.map((member) => member.name));
  };
  client.on(RoomMemberEvent.Typing, update);
  return () => client.off(RoomMemberEvent.Typing, update);
}
