import { Copy, Flag, MessagesSquare, Pin, Trash2 } from "lucide-react";
import { Menu, MenuItem, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { mayPin, mayRemove, pinnedIn, togglePin } from "../../state/acts.ts";
import type { Item } from "../../state/items.ts";
import { useClient } from "../client.ts";
import parts from "../parts/parts.module.css";
import { useTalk } from "./useTalk.ts";

/** The rest of what can be done with a message. */
export function MessageMenu({ item }: { item: Extract<Item, { kind: "text" | "file" }> }) {
  const { t } = useTranslation();
  const client = useClient();
  const { openThread, askRemove, askReport } = useTalk();
  const room = client.getRoom(item.event.getRoomId());
  const id = item.event.getId();
  if (!room || !id) return null;
  const entry = parts["item"] ?? "";
  return (
    <Popover placement="bottom end">
      <Menu className={parts["menu"] ?? ""} aria-label={t("talk.more")}>
        {openThread && (
          <MenuItem className={entry} onAction={() => openThread(id)}>
            <MessagesSquare aria-hidden size={18} /> {t("talk.reply-in-thread")}
          </MenuItem>
        )}
        {item.kind === "text" && (
          <MenuItem className={entry} onAction={() => void navigator.clipboard.writeText(item.body)}>
            <Copy aria-hidden size={18} /> {t("talk.copy")}
          </MenuItem>
        )}
        {mayPin(room) && (
          <MenuItem className={entry} onAction={() => void togglePin(client, room, id)}>
            <Pin aria-hidden size={18} /> {t(pinnedIn(room).includes(id) ? "talk.unpin" : "talk.pin")}
          </MenuItem>
        )}
        {!item.isOwn && (
          <MenuItem className={entry} onAction={() => askReport(item)}>
            <Flag aria-hidden size={18} /> {t("talk.report")}
          </MenuItem>
        )}
        {mayRemove(room, item.event) && (
          <MenuItem className={entry} data-kind="danger" onAction={() => askRemove(item)}>
            <Trash2 aria-hidden size={18} /> {t("talk.remove")}
          </MenuItem>
        )}
      </Menu>
    </Popover>
  );
}
