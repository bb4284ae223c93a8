import { FileUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { FileTrigger, Form } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { type Opened, openWithRecoveryKey, recoveryKeyIn } from "../../crypto/recovery.ts";
import { type Refusal, whyOf } from "../../matrix/refusals.ts";
import { textOf } from "../../platform/save.ts";
import { Frame } from "../arrive/Frame.tsx";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Answers } from "../parts/Dialog.tsx";
import { Field } from "../parts/Field.tsx";
import { Note } from "../parts/Note.tsx";
import { useRefusal } from "../useRefusal.ts";
import css from "./safe.module.css";

/** Confirm the session with the recovery key, typed or from its file. */
export function TypeRecoveryKey({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  const client = useClient();
  const says = useRefusal();
  const [isBusy, setBusy] = useState(false);
  const [typed, setTyped] = useState("");
  const [answer, setAnswer] = useState<Opened>();
  const [refusal, setRefusal] = useState<Refusal>();

  async function open(key: string): Promise<void> {
    setBusy(true);
    setRefusal(undefined);
    try {
      setAnswer(await openWithRecoveryKey(client, key));
    } catch (error) {
      setRefusal(whyOf(error));
    }
    setBusy(false);
  }

  async function read(files: FileList | null): Promise<void> {
    const [file] = files ?? [];
    if (!file) return;
    await open(recoveryKeyIn(await textOf(file)) ?? "");
  }

  const isRefused = answer && answer !== "opened";
  return (
    <Frame title={t("safe.confirm.key-title")} says={t("safe.confirm.key-says")}>
      {refusal && <Note kind="danger">{says(refusal)}</Note>}
      <Form
        className={css["stack"] ?? ""}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void open(typed);
        }}
      >
        <Field
          validationBehavior="aria"
          label={t("safe.key.label")}
          wrong={isRefused ? t(`safe.confirm.${answer}`) : undefined}
          autoFocus
          type="password"
          name="recovery-key"
          autoComplete="off"
          value={typed}
          onChange={(value) => {
            setTyped(value);
            setAnswer(undefined);
          }}
        />
        <FileTrigger acceptedFileTypes={["text/plain"]} onSelect={(files) => void read(files)}>
          <Button>
            <FileUp aria-hidden size={18} />
            {t("safe.key.open-file")}
          </Button>
        </FileTrigger>
        <Answers>
          <Button look="bare" onPress={onBack}>
            {t("safe.confirm.back")}
          </Button>
          <Button type="submit" look="main" isPending={isBusy} isDisabled={!typed.trim()}>
            {isBusy ? t("safe.confirm.key-busy") : t("safe.confirm.key-go")}
          </Button>
        </Answers>
      </Form>
    </Frame>
  );
}
