import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { keepRecoveryKey, makeRecoveryKey, type RecoveryKey } from "../../crypto/recovery.ts";
import { type Refusal, whyOf } from "../../matrix/refusals.ts";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Answers, Dialog } from "../parts/Dialog.tsx";
import { Note } from "../parts/Note.tsx";
import { Wait } from "../parts/Wait.tsx";
import { useRefusal } from "../useRefusal.ts";
import { ShowRecoveryKey } from "./ShowRecoveryKey.tsx";
import { TestRecoveryKey } from "./TestRecoveryKey.tsx";

type Step =
  | { at: "making" }
  | { at: "shown"; key: RecoveryKey }
  | { at: "tested"; key: RecoveryKey }
  | { at: "securing" }
  | { at: "done" }
  | { at: "failed"; because: Refusal };

const TITLES = {
  making: "safe.key.title",
  shown: "safe.key.title",
  tested: "safe.key.test-title",
  securing: "safe.key.test-title",
  done: "safe.key.done-title",
  failed: "safe.key.title",
} as const;

/** A new recovery key: shown, saved, and tested. Only then does it count. */
export function KeepRecoveryKey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useClient();
  const says = useRefusal();
  const [step, setStep] = useState<Step>({ at: "making" });

  useEffect(() => {
    let isCurrent = true;
    makeRecoveryKey(client).then(
      (key) => isCurrent && setStep({ at: "shown", key }),
      (error: unknown) => isCurrent && setStep({ at: "failed", because: whyOf(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [client]);

  async function secure(key: RecoveryKey): Promise<void> {
    setStep({ at: "securing" });
    try {
      await keepRecoveryKey(client, key);
      setStep({ at: "done" });
    } catch (error) {
      setStep({ at: "failed", because: whyOf(error) });
    }
  }

  return (
    <Dialog title={t(TITLES[step.at])} onClose={onClose} mustAnswer={step.at !== "done"}>
      {step.at === "making" && <Wait says={t("safe.key.making")} />}
      {step.at === "shown" && (
        <ShowRecoveryKey
          recoveryKey={step.key}
          onKept={() => setStep({ at: "tested", key: step.key })}
          onLater={onClose}
        />
      )}
      {step.at === "tested" && (
        <TestRecoveryKey
          recoveryKey={step.key}
          onBack={() => setStep({ at: "shown", key: step.key })}
          onProved={() => void secure(step.key)}
        />
      )}
      {step.at === "securing" && <Wait says={t("safe.key.busy")} />}
      {step.at === "done" && <p>{t("safe.key.done-says")}</p>}
      {step.at === "failed" && <Note kind="danger">{says(step.because)}</Note>}
      {(step.at === "done" || step.at === "failed") && (
        <Answers>
          <Button look="main" autoFocus onPress={onClose}>
            {t("safe.key.done")}
          </Button>
        </Answers>
      )}
    </Dialog>
  );
}
