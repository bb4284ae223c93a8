import { LinkifyIt } from "linkify-it";
import { type MouseEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import { shown } from "../../guard/html.ts";
import { judge, type Verdict } from "../../guard/links.ts";
import { go } from "../../platform/place.ts";
import { Button } from "../parts/Button.tsx";
import { Answers, Dialog } from "../parts/Dialog.tsx";
import css from "./words.module.css";

const linkify = new LinkifyIt();
const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}\uFE0F\u200D]*\s*){1,6}$/u;

/** What somebody said, with its links; a link is judged when it is followed. */
export function Words({ body, html }: { body: string; html?: string | undefined }) {
  const [asked, setAsked] = useState<Extract<Verdict, { kind: "ask" }>>();

  function onClick(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link) return;
    event.preventDefault();
    const verdict = judge(link.getAttribute("href") ?? "", link.textContent);
    if (verdict.kind === "ask") setAsked(verdict);
    else follow(verdict);
  }

  const isLarge = !html && ONLY_EMOJI.test(body.trim());
  return (
    <>
      <div className={css["words"]} data-large={isLarge} dir="auto" onClick={onClick} onAuxClick={onClick}>
        {html ? <div dangerouslySetInnerHTML={{ __html: shown(html) }} /> : linked(body)}
      </div>
      {asked && <Ask verdict={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function follow(verdict: Verdict): void {
  if (verdict.kind === "open" || verdict.kind === "ask") {
    window.open(verdict.href, "_blank", "noopener,noreferrer");
  }
  if (verdict.kind === "room") go({ at: "room", roomId: verdict.roomId });
}

function linked(body: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const { index, lastIndex, url, text } of linkify.match(body) ?? []) {
    parts.push(body.slice(at, index));
    parts.push(
      <a key={index} href={url} rel="noopener noreferrer">
        {text}
      </a>,
    );
    at = lastIndex;
  }
  return [...parts, body.slice(at)];
}

function Ask({ verdict, onClose }: { verdict: Extract<Verdict, { kind: "ask" }>; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t("link.title", { host: verdict.host })} onClose={onClose}>
      <p>{t(`link.${verdict.because}`)}</p>
      <p className={css["address"]}>{verdict.href}</p>
      <Answers>
        <Button
          onPress={() => {
            follow(verdict);
            onClose();
          }}
        >
          {t("link.open")}
        </Button>
        <Button look="main" autoFocus onPress={onClose}>
          {t("link.stay")}
        </Button>
      </Answers>
    </Dialog>
  );
}
