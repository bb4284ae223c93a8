import { Clock, RotateCcw, Trash2, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Item, Sending } from "../../state/items.ts";
import { outboxOf } from "../../state/outbox.ts";
import { useClient } from "../client.ts";
import { FileBody } from "../files/FileBody.tsx";
import { Button } from "../parts/Button.tsx";
import { Quote } from "./Quote.tsx";
import { Reactions } from "./Reactions.tsx";
import css from "./talk.module.css";
import { ThreadLine } from "./ThreadLine.tsx";
import { Words } from "./Words.tsx";

/** What a message says, or why it does not. */
export function Body({ item }: { item: Exclude<Item, { kind: "notice" }> }) {
  const { t } = useTranslation();
  switch (item.kind) {
    case "text":
    case "file":
      return (
        <>
          {item.quoted && <Quote quoted={item.quoted} />}
          <div className={css["body"]} data-own={item.isOwn} data-sending={item.sending}>
            {item.kind === "file" ? <FileBody event={item.event} /> : <Words body={item.body} html={item.html} />}
            {item.isEdited && <span className={css["edited"]}>{t("talk.edited")}</span>}
          </div>
          <SendingLine sending={item.sending} item={item} />
          <Reactions item={item} />
          <ThreadLine item={item} />
        </>
      );
    case "gone":
      return <p className={css["soft"]}>{t("talk.gone")}</p>;
    case "sealed":
      return <p className={css["soft"]}>{t(`talk.sealed-${item.why}`)}</p>;
    case "in-clear":
      return <p className={css["soft"]}>{t("talk.in-clear")}</p>;
  }
}

function SendingLine({ sending, item }: { sending: Sending; item: Item }) {
  const { t } = useTranslation();
  const outbox = outboxOf(useClient());
  switch (sending) {
    case "sent":
      return null;
    case "sending":
      return <span className="only-read">{t("talk.sending")}</span>;
    case "waiting":
      return (
        <p className={css["state"]} role="status">
          <Clock aria-hidden size={14} /> {t("talk.waiting")}
        </p>
      );
    case "failed":
      return (
        <div className={css["state"]} data-failed="true" role="alert">
          <TriangleAlert aria-hidden size={14} /> {t("talk.failed")}
          <Button look="bare" onPress={() => void outbox.retry(item.event)}>
            <RotateCcw aria-hidden size={14} /> {t("talk.retry")}
          </Button>
          <Button look="bare" onPress={() => outbox.discard(item.event)}>
            <Trash2 aria-hidden size={14} /> {t("talk.discard")}
          </Button>
        </div>
      );
  }
}
