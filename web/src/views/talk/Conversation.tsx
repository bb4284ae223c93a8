import { ArrowLeft } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useTranslation } from "react-i18next";

import { go } from "../../platform/place.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { IconButton } from "../parts/Button.tsx";
import { MayWrite } from "../safe/MayWrite.tsx";
import { Composer } from "./Composer.tsx";
import { Messages } from "./Messages.tsx";
import css from "./talk.module.css";

/** A room: its name, what was said, and where one says something. */
export function Conversation({ room }: { room: Room }) {
  const { t } = useTranslation();
  return (
    <section className={css["room"]} aria-label={room.name}>
      <header className={css["head"]}>
        <span className={css["back"]}>
          <IconButton says={t("talk.back")} onPress={() => go({ at: "home" })}>
            <ArrowLeft aria-hidden size={22} />
          </IconButton>
        </span>
        <Avatar id={room.roomId} name={room.name} size="small" />
        <h1 className={css["title"]}>{room.name}</h1>
      </header>
      <Messages room={room} />
      <MayWrite room={room}>
        <Composer room={room} />
      </MayWrite>
    </section>
  );
}
