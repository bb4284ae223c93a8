import { useState } from "react";
import { useTranslation } from "react-i18next";

import { whyOf } from "../../matrix/refusals.ts";
import { Button } from "../parts/Button.tsx";
import { Answers, Dialog } from "../parts/Dialog.tsx";
import { Field } from "../parts/Field.tsx";
import { Note } from "../parts/Note.tsx";
import { useRefusal } from "../useRefusal.ts";

interface Asked {
  title: string;
  says: string;
  yes: string;
  onYes: (why: string) => Promise<void>;
  onClose: () => void;
  asksWhy?: boolean;
}

function Ask({ title, says, yes, onYes, onClose, asksWhy = false }: Asked) {
  const { t } = useTranslation();
  const refusal = useRefusal();
  const [why, setWhy] = useState("");
  const [wrong, setWrong] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  async function answer(): Promise<void> {
    setBusy(true);
    try {
      await onYes(why);
      onClose();
    } catch (error) {
      setWrong(refusal(whyOf(error)));
      setBusy(false);
    }
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <p>{says}</p>
      {asksWhy && <Field label={t("talk.report-why")} value={why} onChange={setWhy} autoFocus />}
      {wrong && <Note kind="danger">{wrong}</Note>}
      <Answers>
        <Button onPress={onClose}>{t("talk.cancel")}</Button>
        <Button look="danger" isPending={isBusy} onPress={() => void answer()}>
          {yes}
        </Button>
      </Answers>
    </Dialog>
  );
}

/** Before a message is removed. */
export function AskRemove({ onRemove, onClose }: { onRemove: () => Promise<void>; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Ask
      title={t("talk.remove-title")}
      says={t("talk.remove-says")}
      yes={t("talk.remove")}
      onYes={onRemove}
      onClose={onClose}
    />
  );
}

/** Before a message is reported. */
export function AskReport({
  onReport,
  onClose,
}: {
  onReport: (why: string) => Promise<void>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Ask
      title={t("talk.report-title")}
      says={t("talk.report-says")}
      yes={t("talk.report")}
      onYes={onReport}
      onClose={onClose}
      asksWhy
    />
  );
}
