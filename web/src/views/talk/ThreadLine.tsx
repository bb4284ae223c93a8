import { MessagesSquare } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Item } from "../../state/items.ts";
import { Button } from "../parts/Button.tsx";
import { useTalk } from "./useTalk.ts";

/** That a thread begins here, and how long it is. */
export function ThreadLine({ item }: { item: Extract<Item, { kind: "text" | "file" }> }) {
  const { t } = useTranslation();
  const { openThread } = useTalk();
  const rootId = item.event.getId();
  if (item.threadCount === 0 || !openThread || !rootId) return null;
  return (
    <Button look="bare" onPress={() => openThread(rootId)}>
      <MessagesSquare aria-hidden size={16} /> {t("talk.thread", { count: item.threadCount })}
    </Button>
  );
}
