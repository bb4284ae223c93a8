import { ArrowLeft, Info } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { go } from "../../platform/place.ts";
import { directWith } from "../../state/rooms.ts";
import { useClient } from "../client.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { IconButton } from "../parts/Button.tsx";
import { Details } from "../rooms/Details.tsx";
import css from "./talk.module.css";

/** The room's name, over its messages. */
export function Header({ room }: { room: Room }) {
  const { t } = useTranslation();
  const client = useClient();
  const [isOpen, setOpen] = useState(false);
  const other = directWith(client, room);
  const mxc = room.getMxcAvatarUrl() ?? (other && room.getMember(other)?.getMxcAvatarUrl());
  const topic = room.currentState.getStateEvents("m.room.topic", "")?.getContent()["topic"] as unknown;
  return (
    <header className={css["head"]}>
      <span className={css["back"]}>
        <IconButton says={t("talk.back")} onPress={() => go({ at: "home" })}>
          <ArrowLeft aria-hidden size={22} />
        </IconButton>
      </span>
      <Avatar id={other ?? room.roomId} name={room.name} mxc={mxc ?? undefined} size="small" />
      <div className={css["title"]}>
        <h1>{room.name}</h1>
        <p>
          {typeof topic === "string" && topic
            ? topic
            : t("talk.people", { count: room.getJoinedMemberCount() })}
        </p>
      </div>
      <IconButton says={t("details.title")} onPress={() => setOpen(true)}>
        <Info aria-hidden size={20} />
      </IconButton>
      {isOpen && <Details room={room} onClose={() => setOpen(false)} />}
    </header>
  );
}
