import type { Room } from "matrix-js-sdk";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Virtuoso } from "react-virtuoso";
import { useStore } from "zustand";

import { type Item, RoomTimeline } from "../../state/timeline.ts";
import { useClient } from "../client.ts";
import { Message } from "./Message.tsx";

const FIRST = 1_000_000;

/** What was said, newest at the bottom; older messages come as one scrolls up. */
export function Messages({ room }: { room: Room }) {
  const client = useClient();
  const { t } = useTranslation();
  const timeline = useMemo(() => new RoomTimeline(client, room), [client, room]);
  useEffect(() => timeline.follow(), [timeline]);
  const { items, hasOlder } = useStore(timeline.store);
  return (
    <Virtuoso<Item>
      role="log"
      aria-label={t("talk.messages")}
      data={items}
      firstItemIndex={FIRST - items.length}
      initialTopMostItemIndex={Math.max(0, items.length - 1)}
      alignToBottom
      followOutput="auto"
      startReached={() => void (hasOlder && timeline.older())}
      computeItemKey={(_, item) => item.id}
      itemContent={(index, item) => (
        <Message item={item} before={items[index - FIRST + items.length - 1]} />
      )}
    />
  );
}
