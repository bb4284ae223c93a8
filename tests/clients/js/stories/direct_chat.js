// Two people talk in a direct chat whose creator asks for no encryption: it is encrypted all the
// same.

import { EventType } from "matrix-js-sdk";

import { tell } from "../story.js";

await tell(async ({ ann, ben }, saw) => {
    const roomId = await ann.roomWith([ben], { is_direct: true, asksForEncryption: false });
    await ann.client.setAccountData(EventType.Direct, { [ben.userId]: [roomId] });
    saw("ben was invited to a direct chat", ben.client.getRoom(roomId).getDMInviter(), ann.userId);

    const id = await ann.says(roomId, "The tide turns at six.");
    const heard = await ben.hears(roomId, "The tide turns at six.");
    saw("ben reads what ann wrote", [heard.getId(), heard.getSender()], [id, ann.userId]);
    saw("the server had only ciphertext", heard.getWireType(), EventType.RoomMessageEncrypted);

    await ben.client.sendReadReceipt(heard);
    const room = ann.client.getRoom(roomId);
    await ann.until("a read receipt", () => room.getEventReadUpTo(ben.userId) === id);
    saw("ann sees that ben has read it", room.hasUserReadEvent(ben.userId, id), true);

    await ben.says(roomId, "Then we sail at five.");
    const answer = await ann.hears(roomId, "Then we sail at five.");
    saw("ann reads what ben wrote", answer.getSender(), ben.userId);
});
