import { GridListItem } from "react-aria-components";
import { useTranslation } from "react-i18next";

import type { Preview, RoomLine } from "../../state/rooms.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { useTimes } from "../useTimes.ts";
import css from "./rooms.module.css";

/** One room in the list. */
export function Line({ id, line, isOpen }: { id: string; line: RoomLine; isOpen: boolean }) {
  const { t } = useTranslation();
  const times = useTimes();
  return (
    <GridListItem id={id} textValue={line.name} className={css["line"] ?? ""} data-open={isOpen}>
      <Avatar id={line.withUserId ?? line.roomId} name={line.name} mxc={line.picture} />
      <div className={css["names"]}>
        <p className={css["name"]}>{line.name}</p>
        <p className={css["preview"]}>
          {line.standing === "invited" ? t("rooms.invited") : <PreviewWords preview={line.preview} />}
        </p>
      </div>
      <div className={css["aside"]}>
        {line.at > 0 && <time>{times.short(line.at)}</time>}
        {line.unread > 0 && (
          <span className={css["count"]} aria-label={t("rooms.unread", { count: line.unread })}>
            {line.unread}
          </span>
        )}
      </div>
    </GridListItem>
  );
}

function PreviewWords({ preview }: { preview: Preview }) {
  const { t } = useTranslation();
  switch (preview.kind) {
    case "none":
      return t("rooms.empty");
    case "sealed":
      return t("rooms.sealed");
    case "file":
      return preview.isOwn ? t("rooms.own-file") : t("rooms.file", { name: preview.sender });
    case "text":
      return preview.isOwn ? t("rooms.own", { text: preview.text }) : preview.text;
  }
}
