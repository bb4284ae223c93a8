import { ArrowDown } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Virtuoso, type VirtuosoHandle } from "react-virtuoso";
import { useStore } from "zustand";

import { isReadPrivately } from "../../state/preferences.ts";
import { markRead } from "../../state/acts.ts";
import type { Item } from "../../state/items.ts";
import type { RoomTimeline } from "../../state/timeline.ts";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Message } from "./Message.tsx";
import css from "./talk.module.css";

const FIRST = 1_000_000_000;

interface Props {
  room: Room;
  timeline: RoomTimeline;
  /** The message that is to be brought into view. */
  target: { id: string } | undefined;
}

/** What was said, newest at the bottom; older messages come as one scrolls up. */
export function Messages({ room, timeline, target }: Props) {
  const { t } = useTranslation();
  const { items, hasOlder, firstUnread } = useStore(timeline.store);
  const list = useRef<VirtuosoHandle>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const first = useFirstIndex(items);
  useReadMark(room, items, isAtEnd);

  useEffect(() => {
    const at = target ? items.findIndex((item) => item.event.getId() === target.id) : -1;
    if (at >= 0) list.current?.scrollToIndex({ index: at, align: "center", behavior: "smooth" });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each wish, not for each message
  }, [target]);

  if (items.length === 0) return <p className={css["none"]}>{t("talk.nothing-yet")}</p>;
  return (
    <div className={css["messages"]}>
      <Virtuoso<Item>
        ref={list}
        className={css["scroll"] ?? ""}
        role="log"
        aria-label={t("talk.messages")}
        data={items}
        firstItemIndex={first}
        initialTopMostItemIndex={{ index: "LAST", align: "end" }}
        alignToBottom
        increaseViewportBy={600}
        atBottomThreshold={80}
        atBottomStateChange={setAtEnd}
        followOutput={(isAtBottom) => (isAtBottom || items.at(-1)?.isOwn ? "auto" : false)}
        startReached={() => void (hasOlder && timeline.older())}
        computeItemKey={(_, item) => item.id}
        itemContent={(index, item) => (
          <Message
            item={item}
            before={items[index - first - 1]}
            isFirstUnread={firstUnread !== undefined && item.event.getId() === firstUnread}
          />
        )}
      />
      {!isAtEnd && (
        <div className={css["newest"]}>
          <Button onPress={() => list.current?.scrollToIndex({ index: "LAST", align: "end" })}>
            <ArrowDown aria-hidden size={18} /> {t("talk.newest")}
          </Button>
        </div>
      )}
    </div>
  );
}

/** The index of the first item: it falls by as many as come before what was there. */
function useFirstIndex(items: Item[]): number {
  const [seen, setSeen] = useState({ id: items[0]?.id, index: FIRST, items });
  if (seen.items === items) return seen.index;
  const added = seen.id === undefined ? -1 : items.findIndex((item) => item.id === seen.id);
  const next = { id: items[0]?.id, index: seen.index - Math.max(0, added), items };
  setSeen(next);
  return next.index;
}

/** Say that the newest was read, when it is in view and the page is looked at. */
function useReadMark(room: Room, items: Item[], isAtEnd: boolean): void {
  const client = useClient();
  const newest = items.findLast((item) => !item.event.status)?.event;
  const [isLookedAt, setLookedAt] = useState(document.hasFocus());
  useEffect(() => {
    const look = (): void => setLookedAt(document.hasFocus() && !document.hidden);
    addEventListener("focus", look);
    addEventListener("blur", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      removeEventListener("focus", look);
      removeEventListener("blur", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  useEffect(() => {
    if (!newest || !isAtEnd || !isLookedAt) return;
    if (room.getEventReadUpTo(room.myUserId) === newest.getId()) return;
    void markRead(client, newest, isReadPrivately());
  }, [client, room, newest, isAtEnd, isLookedAt]);
}
