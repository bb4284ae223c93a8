// A person on matrix-js-sdk talks with one on matrix-nio (FRIEND), who acts in the Python test.

import { ENCRYPTED } from "../person.js";
import { tell } from "../story.js";

await tell(async ({ ann }, saw) => {
    const friend = process.env.FRIEND;
    const { room_id: roomId } = await ann.client.createRoom({
        invite: [friend],
        initial_state: [ENCRYPTED],
    });
    const isHere = () => ann.client.getRoom(roomId)?.getJoinedMemberCount() === 2;
    await ann.until("the friend to join", isHere);
    await ann.says(roomId, "Hello, what do you run on?");

    const heard = await ann.hears(roomId, "On nio, and you?");
    saw("ann reads what was written with nio", heard.getSender(), friend);
    await ann.says(roomId, "On the SDK.", {
        "m.relates_to": { "m.in_reply_to": { event_id: heard.getId() } },
    });
    const last = await ann.hears(roomId, "Then we understand each other.");
    saw("ann reads the answer to her reply", last.getSender(), friend);
});
