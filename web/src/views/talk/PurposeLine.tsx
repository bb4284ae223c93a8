import { X } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useTranslation } from "react-i18next";

import { nameOf } from "../../state/items.ts";
import type { Purpose } from "../../state/writing.ts";
import { IconButton } from "../parts/Button.tsx";
import css from "./talk.module.css";

interface Props {
  room: Room;
  purpose: Purpose;
  onEnd: () => void;
}

/** That what is written is a reply, or a change of what was said. */
export function PurposeLine({ room, purpose, onEnd }: Props) {
  const { t } = useTranslation();
  if (purpose.kind === "new") return null;
  const event = purpose.kind === "reply" ? purpose.to : purpose.of;
  const name = nameOf(room, event.getSender() ?? "");
  return (
    <div className={css["purpose"]}>
      <b>{purpose.kind === "reply" ? t("talk.replying", { name }) : t("talk.editing")}</b>
      <span>{String(event.getContent()["body"] ?? "").slice(0, 200)}</span>
      <IconButton says={t("talk.cancel")} onPress={onEnd}>
        <X aria-hidden size={18} />
      </IconButton>
    </div>
  );
}
