import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";

import { closeComparison, type Comparison, comparing, followComparisons } from "../../state/comparing.ts";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Answers, Dialog } from "../parts/Dialog.tsx";
import { Note } from "../parts/Note.tsx";
import { Wait } from "../parts/Wait.tsx";
import { Emoji } from "./Emoji.tsx";
import css from "./safe.module.css";

/** A comparison that is under way, wherever in the client one is. */
export function Comparing() {
  const client = useClient();
  useEffect(() => followComparisons(client), [client]);
  const { now } = useStore(comparing);
  return now ? <Shown key={now.transactionId} comparison={now} /> : null;
}

function Shown({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation();
  const client = useClient();
  const step = useStore(comparison.store);
  const name = client.getUser(comparison.userId)?.displayName ?? comparison.userId;
  const whose = comparison.isOwn ? "own" : "other";
  const isEnd = step.at === "done" || step.at === "over";
  return (
    <Dialog title={t(`safe.compare.title-${whose}`, { name })} onClose={closeComparison} mustAnswer={!isEnd}>
      {step.at === "asked" && (
        <>
          <p>{t(`safe.compare.asked-${whose}`, { name })}</p>
          <Ask no={t("safe.compare.no")} yes={t("safe.compare.yes")} onYes={() => void comparison.accept()} />
        </>
      )}
      {step.at === "waiting" && <Waits says={t(`safe.compare.waiting-${whose}`, { name })} />}
      {step.at === "ready" && (
        <>
          <p>{t(`safe.compare.ready-${whose}`, { name })}</p>
          <Ask no={t("safe.compare.stop")} yes={t("safe.compare.begin")} onYes={() => void comparison.begin()} />
        </>
      )}
      {step.at === "starting" && <Waits says={t("safe.compare.starting")} />}
      {step.at === "emoji" && (
        <>
          <p>{t(`safe.compare.emoji-${whose}`, { name })}</p>
          <Emoji emoji={step.emoji} />
          <Answers>
            <Button look="danger" onPress={() => comparison.different()}>
              {t("safe.compare.different")}
            </Button>
            <Button look="main" onPress={() => void comparison.same()}>
              {t("safe.compare.same")}
            </Button>
          </Answers>
        </>
      )}
      {step.at === "agreeing" && <Waits says={t(`safe.compare.agreeing-${whose}`, { name })} />}
      {step.at === "done" && <p>{t(`safe.compare.done-${whose}`, { name })}</p>}
      {step.at === "over" && (
        <Note kind={step.because === "different" ? "danger" : "info"}>
          {t(`safe.compare.over-${step.because}`)}
        </Note>
      )}
      {isEnd && (
        <Answers>
          <Button look="main" autoFocus onPress={closeComparison}>
            {t("safe.key.done")}
          </Button>
        </Answers>
      )}
    </Dialog>
  );
}

function Ask({ no, yes, onYes }: { no: string; yes: string; onYes: () => void }) {
  return (
    <Answers>
      <Button look="bare" onPress={closeComparison}>
        {no}
      </Button>
      <Button look="main" onPress={onYes}>
        {yes}
      </Button>
    </Answers>
  );
}

function Waits({ says }: { says: string }) {
  const { t } = useTranslation();
  return (
    <>
      <div className={css["waits"]}>
        <Wait says={says} />
        <p aria-hidden>{says}</p>
      </div>
      <Answers>
        <Button look="bare" onPress={closeComparison}>
          {t("safe.compare.stop")}
        </Button>
      </Answers>
    </>
  );
}
