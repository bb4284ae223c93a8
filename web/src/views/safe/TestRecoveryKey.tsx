import { FileUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { FileTrigger, Form } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { isItsEnd, type RecoveryKey, recoveryKeyIn } from "../../crypto/recovery.ts";
import { textOf } from "../../platform/save.ts";
import { Button } from "../parts/Button.tsx";
import { Answers } from "../parts/Dialog.tsx";
import { Field } from "../parts/Field.tsx";
import css from "./safe.module.css";

interface Props {
  recoveryKey: RecoveryKey;
  onBack: () => void;
  onProved: () => void;
}

/** The person shows that they have the key: its end from what they saved, or the file itself. */
export function TestRecoveryKey({ recoveryKey, onBack, onProved }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState<string>();

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (isItsEnd(recoveryKey, typed)) onProved();
    else setWrong(t("safe.key.test-wrong"));
  }

  async function read(files: FileList | null): Promise<void> {
    const [file] = files ?? [];
    if (!file) return;
    const found = recoveryKeyIn(await textOf(file));
    if (found?.replace(/\s/g, "") === recoveryKey.text.replace(/\s/g, "")) onProved();
    else setWrong(t("safe.key.file-wrong"));
  }

  return (
    <Form className={css["stack"] ?? ""} onSubmit={submit}>
      <p>{t("safe.key.test-says")}</p>
      <Field
        validationBehavior="aria"
        label={t("safe.key.test-label")}
        wrong={wrong}
        autoFocus
        autoComplete="off"
        spellCheck="false"
        placeholder="xxxx xxxx"
        value={typed}
        onChange={(value) => {
          setTyped(value);
          setWrong(undefined);
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
          {t("safe.key.back")}
        </Button>
        <Button type="submit" look="main" isDisabled={!typed.trim()}>
          {t("safe.key.check")}
        </Button>
      </Answers>
    </Form>
  );
}
