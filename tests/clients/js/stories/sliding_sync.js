// Ben looks in on a second device that speaks simplified sliding sync, as mobile clients do.

import { SlidingSync } from "matrix-js-sdk/lib/sliding-sync.js";

import { Person } from "../person.js";
import { tell } from "../story.js";

const WAIT_MS = 10_000;
const ROOM = {
    timeline_limit: 20,
    required_state: [
        ["m.room.create", ""],
        ["m.room.encryption", ""],
        ["m.room.name", ""],
        ["m.room.member", "$LAZY"],
        ["m.room.member", "$ME"],
    ],
};

await tell(async ({ ann, ben }, saw) => {
    const roomId = await ann.roomWith([ben], { name: "Tea" });
    const tablet = await Person.logIn(ben, {
        syncBy: (client) =>
            new SlidingSync(
                client.baseUrl,
                new Map([["rooms", { ...ROOM, ranges: [[0, 19]] }]]),
                ROOM,
                client,
                WAIT_MS,
            ),
    });
    await tablet.until("the room", () => tablet.client.getRoom(roomId));
    const room = tablet.client.getRoom(roomId);
    saw("the room is there by its name", room.name, "Tea");
    saw("its members are counted", room.getJoinedMemberCount(), 2);
    saw("it is known to be encrypted", await tablet.crypto.isEncryptionEnabledInRoom(roomId), true);

    await ann.until("the tablet", async () => {
        const devices = await ann.crypto.getUserDeviceInfo([ben.userId], true);
        return devices.get(ben.userId).has(tablet.deviceId);
    });
    const eventId = await ann.says(roomId, "Is it hot?");
    const heard = await tablet.hears(roomId, "Is it hot?");
    saw("it reads what ann wrote", heard.getSender(), ann.userId);
    saw("the message is counted", room.getUnreadNotificationCount() > 0, true);

    await ann.client.sendTyping(roomId, true, 20_000);
    await tablet.until("ann's typing", () => room.getMember(ann.userId)?.typing);
    saw("it shows who is typing", room.getMember(ann.userId).typing, true);

    await tablet.client.sendReadReceipt(heard);
    await ann.until("ben's receipt", () =>
        ann.client.getRoom(roomId).hasUserReadEvent(ben.userId, eventId),
    );
    await tablet.until("its own receipt", () => room.getUnreadNotificationCount() === 0);
    saw("what was read is counted no more", room.getUnreadNotificationCount(), 0);

    await tablet.says(roomId, "It is.");
    const answer = await ann.hears(roomId, "It is.");
    saw("ann reads the answer", answer.getSender(), ben.userId);

    const other = await ann.client.createRoom({ name: "Cake", invite: [ben.userId] });
    await tablet.until("an invitation", () => tablet.client.getRoom(other.room_id));
    const invitation = tablet.client.getRoom(other.room_id).getMyMembership();
    saw("an invitation comes", invitation, "invite");
});
