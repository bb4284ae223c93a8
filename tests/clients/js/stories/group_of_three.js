// Three people in a group whose creator sends the encryption event herself, as apps do.

import { EventType, Preset } from "matrix-js-sdk";

import { tell } from "../story.js";

await tell(async ({ ann, ben, cat }, saw) => {
    const roomId = await ann.roomWith([ben, cat], {
        preset: Preset.PrivateChat,
        name: "The boat",
        asksForEncryption: true,
    });
    const name = cat.client.getRoom(roomId).name;
    saw("cat sees the name of the group", name, "The boat");

    const words = { ann: "Who brings the bread?", ben: "I do.", cat: "And I the cheese." };
    const people = { ann, ben, cat };
    for (const [speaker, said] of Object.entries(words)) {
        await people[speaker].says(roomId, said);
        const events = await Promise.all([ann, ben, cat].map((one) => one.hears(roomId, said)));
        saw(
            `all three read what ${speaker} wrote`,
            events.map((event) => [event.getSender(), event.getWireType()]),
            events.map(() => [people[speaker].userId, EventType.RoomMessageEncrypted]),
        );
    }

    await ben.client.leave(roomId);
    const room = ann.client.getRoom(roomId);
    await ann.until("ben to leave", () => room.getJoinedMemberCount() === 2);
    await ann.says(roomId, "He has gone for the bread.");
    const heard = await cat.hears(roomId, "He has gone for the bread.");
    saw("the two who stayed go on", heard.getSender(), ann.userId);
    const heardByBen = ben.eventsIn(roomId).map((event) => event.getContent().body);
    saw("ben hears no more", heardByBen.includes("He has gone for the bread."), false);
});
