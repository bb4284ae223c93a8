import { ArrowLeft } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useTranslation } from "react-i18next";

import { go } from "../../platform/place.ts";
import { accept, leave, setBlocked } from "../../state/founding.ts";
import { nameOf } from "../../state/items.ts";
import { useClient } from "../client.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Button, IconButton } from "../parts/Button.tsx";
import { Note } from "../parts/Note.tsx";
import talk from "../talk/talk.module.css";
import { useDeed } from "../useDeed.ts";
import css from "./rooms.module.css";

/** Somebody invites: take it, decline it, or hear nothing of them again. */
export function Invitation({ room }: { room: Room }) {
  const { t } = useTranslation();
  const client = useClient();
  const { isBusy, wrong, run } = useDeed();
  const inviter = room.getMember(room.myUserId)?.events.member?.getSender() ?? "";
  const name = nameOf(room, inviter);

  async function decline({ blocks }: { blocks: boolean }): Promise<void> {
    const isDone = await run(async () => {
      if (blocks) await setBlocked(client, inviter, true);
      await leave(client, room.roomId);
    });
    if (isDone) go({ at: "home" });
  }

  return (
    <section className={css["invitation"]} aria-label={t("invited.title", { name })}>
      <span className={talk["back"]}>
        <IconButton says={t("talk.back")} onPress={() => go({ at: "home" })}>
          <ArrowLeft aria-hidden size={22} />
        </IconButton>
      </span>
      <Avatar id={inviter} name={name} mxc={room.getMember(inviter)?.getMxcAvatarUrl()} size="large" />
      <h1>{t("invited.title", { name })}</h1>
      {name !== inviter && <p className={css["address"]}>{inviter}</p>}
      <p>{t("invited.says")}</p>
      {wrong && <Note kind="danger">{wrong}</Note>}
      <Button look="main" isPending={isBusy} onPress={() => void run(() => accept(client, room))}>
        {t("invited.accept")}
      </Button>
      <Button isDisabled={isBusy} onPress={() => void decline({ blocks: false })}>
        {t("invited.decline")}
      </Button>
      <Button look="danger" isDisabled={isBusy} onPress={() => void decline({ blocks: true })}>
        {t("invited.block")}
      </Button>
    </section>
  );
}
