import { CornerUpLeft, Ellipsis, Pencil, SmilePlus } from "lucide-react";
import { useState } from "react";
import { DialogTrigger, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { react } from "../../state/acts.ts";
import type { Item } from "../../state/items.ts";
import { useClient } from "../client.ts";
import { IconButton } from "../parts/Button.tsx";
import parts from "../parts/parts.module.css";
import { EmojiPicker } from "./EmojiPicker.tsx";
import { MessageMenu } from "./MessageMenu.tsx";
import { useTalk } from "./useTalk.ts";
import css from "./talk.module.css";

/** What can be done with a message: shown beside it under the pointer and while it has the focus. */
export function MessageActs({ item }: { item: Exclude<Item, { kind: "notice" }> }) {
  const { t } = useTranslation();
  const client = useClient();
  const { setPurpose } = useTalk();
  const [isPicking, setPicking] = useState(false);
  if (item.kind !== "text" && item.kind !== "file") return null;
  if (item.sending !== "sent") return null;
  const mayEdit = item.isOwn && item.kind === "text";
  return (
    <div className={css["acts"]} data-open={isPicking}>
      <DialogTrigger isOpen={isPicking} onOpenChange={setPicking}>
        <IconButton says={t("talk.react")}>
          <SmilePlus aria-hidden size={18} />
        </IconButton>
        <Popover className={parts["menu"] ?? ""} placement="top end">
          <EmojiPicker
            onPick={(emoji) => {
              setPicking(false);
              void react(client, item, emoji);
            }}
          />
        </Popover>
      </DialogTrigger>
      <IconButton says={t("talk.reply")} onPress={() => setPurpose({ kind: "reply", to: item.event })}>
        <CornerUpLeft aria-hidden size={18} />
      </IconButton>
      {mayEdit && (
        <IconButton says={t("talk.edit")} onPress={() => setPurpose({ kind: "edit", of: item.event })}>
          <Pencil aria-hidden size={18} />
        </IconButton>
      )}
      <MenuTrigger>
        <IconButton says={t("talk.more")}>
          <Ellipsis aria-hidden size={18} />
        </IconButton>
        <MessageMenu item={item} />
      </MenuTrigger>
    </div>
  );
}
