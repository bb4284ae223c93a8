import { Check, Copy, FileDown, Printer } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { RecoveryKey } from "../../crypto/recovery.ts";
import { saveText } from "../../platform/save.ts";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Answers } from "../parts/Dialog.tsx";
import css from "./safe.module.css";

interface Props {
  recoveryKey: RecoveryKey;
  onKept: () => void;
  onLater: () => void;
}

/** The key, and what one can do to have it when it is needed. */
export function ShowRecoveryKey({ recoveryKey, onKept, onLater }: Props) {
  const { t, i18n } = useTranslation();
  const client = useClient();
  const [isCopied, setCopied] = useState(false);
  const userId = client.getSafeUserId();

  function save(): void {
    const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: "long" }).format();
    const lines = [
      t("safe.key.file-head"),
      "",
      recoveryKey.text,
      "",
      t("safe.key.file-account", { userId }),
      t("safe.key.file-made", { date }),
      "",
      t("safe.key.file-says"),
    ];
    const name = userId.slice(1).split(":")[0] ?? "";
    saveText(t("safe.key.file-name", { name }), `${lines.join("\n")}\n`);
  }

  return (
    <>
      <p>{t("safe.key.says")}</p>
      <div className={css["sheet"]}>
        <p className={css["on-paper"]}>{t("safe.key.file-account", { userId })}</p>
        <p className={css["key"]} role="textbox" aria-readonly aria-label={t("safe.key.label")} tabIndex={0}>
          {recoveryKey.text.split(" ").map((group, index) => (
            <span key={index}>{group} </span>
          ))}
        </p>
        <p className={css["on-paper"]}>{t("safe.key.file-says")}</p>
      </div>
      <div className={css["ways"]}>
        <Button onPress={save}>
          <FileDown aria-hidden size={18} />
          {t("safe.key.file")}
        </Button>
        <Button onPress={() => print()}>
          <Printer aria-hidden size={18} />
          {t("safe.key.print")}
        </Button>
        <Button
          onPress={() => void navigator.clipboard.writeText(recoveryKey.text).then(() => setCopied(true))}
        >
          {isCopied ? <Check aria-hidden size={18} /> : <Copy aria-hidden size={18} />}
          {isCopied ? t("safe.key.copied") : t("safe.key.copy")}
        </Button>
      </div>
      <Answers>
        <Button look="bare" onPress={onLater}>
          {t("safe.key.later")}
        </Button>
        <Button look="main" onPress={onKept}>
          {t("safe.key.kept")}
        </Button>
      </Answers>
    </>
  );
}
