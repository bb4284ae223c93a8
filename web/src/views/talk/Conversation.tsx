import type { Room } from "matrix-js-sdk";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { remove, report } from "../../state/acts.ts";
import type { Item } from "../../state/items.ts";
import { RoomTimeline } from "../../state/timeline.ts";
import type { Purpose } from "../../state/writing.ts";
import { useClient } from "../client.ts";
import { MayWrite } from "../safe/MayWrite.tsx";
import { Composer } from "./Composer.tsx";
import { Header } from "./Header.tsx";
import { Messages } from "./Messages.tsx";
import { AskRemove, AskReport } from "./Questions.tsx";
import css from "./talk.module.css";
import { Thread } from "./Thread.tsx";
import { Typing } from "./Typing.tsx";
import { type Talk, TalkContext } from "./useTalk.ts";

type Question = { at: "none" } | { at: "remove"; item: Item } | { at: "report"; item: Item };

/** A room: its name, what was said, and where one says something; beside it an open thread. */
export function Conversation({ room }: { room: Room }) {
  const [threadId, setThread] = useState<string>();
  return (
    <div className={css["beside"]} data-thread={threadId !== undefined}>
      <Stream room={room} openThread={setThread} />
      {threadId !== undefined && (
        <Thread onClose={() => setThread(undefined)}>
          <Stream key={threadId} room={room} threadId={threadId} />
        </Thread>
      )}
    </div>
  );
}

interface Props {
  room: Room;
  threadId?: string;
  openThread?: (rootId: string) => void;
}

/** Messages and the composer under them: of a room, or of a thread. */
function Stream({ room, threadId, openThread }: Props) {
  const { t } = useTranslation();
  const client = useClient();
  const [purpose, setPurpose] = useState<Purpose>({ kind: "new" });
  const [question, setQuestion] = useState<Question>({ at: "none" });
  const [target, setTarget] = useState<{ id: string }>();
  const timeline = useMemo(() => new RoomTimeline(client, room, threadId), [client, room, threadId]);
  useEffect(() => timeline.follow(), [timeline]);
  const talk = useMemo<Talk>(
    () => ({
      purpose,
      setPurpose,
      goTo: (id) => setTarget({ id }),
      openThread,
      askRemove: (item) => setQuestion({ at: "remove", item }),
      askReport: (item) => setQuestion({ at: "report", item }),
    }),
    [purpose, openThread],
  );
  const close = (): void => setQuestion({ at: "none" });
  return (
    <TalkContext value={talk}>
      <section className={css["room"]} aria-label={threadId ? t("talk.thread-of") : room.name}>
        {threadId === undefined && <Header room={room} />}
        <Messages room={room} timeline={timeline} target={target} />
        <Typing room={room} />
        <MayWrite room={room}>
          <Composer room={room} threadId={threadId ?? null} />
        </MayWrite>
      </section>
      {question.at === "remove" && (
        <AskRemove onClose={close} onRemove={() => remove(client, question.item.event)} />
      )}
      {question.at === "report" && (
        <AskReport onClose={close} onReport={(why) => report(client, question.item.event, why)} />
      )}
    </TalkContext>
  );
}
