import { useTranslation } from "react-i18next";

import type { Item } from "../../state/timeline.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { useTimes } from "../useTimes.ts";
import css from "./talk.module.css";

const TOGETHER_MS = 5 * 60_000;

/** One message, under its day and its sender where these are others than before. */
export function Message({ item, before }: { item: Item; before: Item | undefined }) {
  const { t } = useTranslation();
  const times = useTimes();
  const isNewDay = !before || new Date(before.at).toDateString() !== new Date(item.at).toDateString();
  const begins =
    isNewDay ||
    before.kind === "notice" ||
    before.sender !== item.sender ||
    item.at - before.at > TOGETHER_MS;
  return (
    <div>
      {isNewDay && <div className={css["day"]}>{times.day(item.at)}</div>}
      {item.kind === "notice" ? (
        <p className={css["notice"]}>
          {t(`notice.${item.what}`, { name: item.senderName, about: item.about })}
        </p>
      ) : (
        <article className={css["message"]} data-begins={begins}>
          {begins && <Avatar id={item.sender} name={item.senderName} size="small" />}
          <div style={{ gridColumn: 2 }}>
            {begins && (
              <p className={css["who"]}>
                <b>{item.senderName}</b>
                <time className={css["when"]}>{times.hour(item.at)}</time>
              </p>
            )}
            <Body item={item} />
          </div>
        </article>
      )}
    </div>
  );
}

function Body({ item }: { item: Exclude<Item, { kind: "notice" }> }) {
  const { t } = useTranslation();
  switch (item.kind) {
    case "text":
      return (
        <div className={css["body"]} data-own={item.isOwn} data-sending={item.sending} dir="auto">
          {item.body}
        </div>
      );
    case "file":
      return (
        <div className={css["body"]} data-own={item.isOwn} data-sending={item.sending}>
          {item.name}
        </div>
      );
    case "gone":
      return <p className={css["soft"]}>{t("talk.gone")}</p>;
    case "sealed":
      return <p className={css["soft"]}>{t(`talk.sealed-${item.why}`)}</p>;
    case "in-clear":
      return <p className={css["soft"]}>{t("talk.in-clear")}</p>;
  }
}
