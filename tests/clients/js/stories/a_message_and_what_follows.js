// A message is answered, edited, reacted to and taken back; the other end sees each of it.

import { EventType, MsgType, RelationType } from "matrix-js-sdk";

import { tell } from "../story.js";

await tell(async ({ ann, ben }, saw) => {
    const roomId = await ann.roomWith([ben]);
    const id = await ann.says(roomId, "We meet at for.");
    const message = await ben.hears(roomId, "We meet at for.");

    await ben.says(roomId, "At four?", { "m.relates_to": { "m.in_reply_to": { event_id: id } } });
    const reply = await ann.hears(roomId, "At four?");
    saw("ann sees which message ben answers", reply.replyEventId, id);

    await ann.says(roomId, "* We meet at four.", {
        "m.new_content": { msgtype: MsgType.Text, body: "We meet at four." },
        "m.relates_to": { rel_type: RelationType.Replace, event_id: id },
    });
    await ben.until("the edit", () => message.getContent().body === "We meet at four.");
    saw("ben reads the edited words", message.getContent().body, "We meet at four.");

    const reaction = { rel_type: RelationType.Annotation, event_id: id, key: "⛵" };
    const relations = ann.client.getRoom(roomId).relations;
    await ben.client.sendEvent(roomId, EventType.Reaction, { "m.relates_to": reaction });
    const reactions = () =>
        relations.getChildEventsForEvent(id, RelationType.Annotation, EventType.Reaction);
    await ann.until("the reaction", () => reactions()?.getRelations().length);
    const [[key, by]] = reactions().getSortedAnnotationsByKey();
    const who = [...by].map((event) => event.getSender());
    saw("ann sees ben's reaction", [key, who], ["⛵", [ben.userId]]);

    await ann.client.redactEvent(roomId, id, undefined, { reason: "it rains" });
    await ben.until("the redaction", () => message.isRedacted());
    saw("ben no longer has the words", message.getContent(), {});
    const { content } = await ben.client.fetchRoomEvent(roomId, id);
    saw("the server no longer has the ciphertext", content, {});
});
