import { memo } from "react";
import { useTranslation } from "react-i18next";

import type { Item } from "../../state/items.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { useClient } from "../client.ts";
import { useTimes } from "../useTimes.ts";
import { Body } from "./Body.tsx";
import { MessageActs } from "./MessageActs.tsx";
import css from "./talk.module.css";

const TOGETHER_MS = 5 * 60_000;

interface Props {
  item: Item;
  before: Item | undefined;
  /** The first that was not read when the conversation was opened. */
  isFirstUnread: boolean;
}

/** One message, under its day and its sender where these are others than before. */
export const Message = memo(function Message({ item, before, isFirstUnread }: Props) {
  const { t } = useTranslation();
  const times = useTimes();
  const isNewDay = !before || dayOf(before.at) !== dayOf(item.at);
  const begins =
    isNewDay ||
    isFirstUnread ||
    before.kind === "notice" ||
    before.sender !== item.sender ||
    item.at - before.at > TOGETHER_MS;
  return (
    <div className={css["slot"]}>
      {isNewDay && (
        <div className={css["day"]}>
          <span>{times.day(item.at)}</span>
        </div>
      )}
      {isFirstUnread && (
        <div className={css["unread"]}>
          <span>{t("talk.unread")}</span>
        </div>
      )}
      {item.kind === "notice" ? <NoticeLine item={item} /> : <Said item={item} begins={begins} />}
    </div>
  );
});

function dayOf(at: number): string {
  return new Date(at).toDateString();
}

function NoticeLine({ item }: { item: Extract<Item, { kind: "notice" }> }) {
  const { t } = useTranslation();
  return (
    <p className={css["notice"]}>
      {t(`notice.${item.what}`, { name: item.senderName, about: item.about })}
    </p>
  );
}

function Said({ item, begins }: { item: Exclude<Item, { kind: "notice" }>; begins: boolean }) {
  const { t } = useTranslation();
  const times = useTimes();
  const client = useClient();
  const says = t("talk.by", { name: item.senderName, time: times.hour(item.at) });
  const mxc = client.getRoom(item.event.getRoomId())?.getMember(item.sender)?.getMxcAvatarUrl();
  return (
    <article className={css["message"]} data-begins={begins} aria-label={says} tabIndex={-1}>
      {begins ? (
        <Avatar id={item.sender} name={item.senderName} mxc={mxc} size="small" />
      ) : (
        <time className={css["aside"]}>{times.hour(item.at)}</time>
      )}
      <div className={css["said"]}>
        {begins && (
          <p className={css["who"]}>
            <b>{item.senderName}</b>
            <time className={css["when"]} dateTime={new Date(item.at).toISOString()}>
              {times.hour(item.at)}
            </time>
          </p>
        )}
        <Body item={item} />
      </div>
      <MessageActs item={item} />
    </article>
  );
}
