import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { type Refusal, whyOf } from "../../matrix/refusals.ts";
import { startAnew } from "../../state/safety.ts";
import { Frame } from "../arrive/Frame.tsx";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Answers } from "../parts/Dialog.tsx";
import { Field } from "../parts/Field.tsx";
import { Note } from "../parts/Note.tsx";
import { useRefusal } from "../useRefusal.ts";
import css from "./safe.module.css";

/** Neither another device nor the recovery key: new keys, and what that costs. */
export function StartAnew({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  const client = useClient();
  const says = useRefusal();
  const [isBusy, setBusy] = useState(false);
  const [password, setPassword] = useState("");
  const [refusal, setRefusal] = useState<Refusal>();

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setRefusal(undefined);
    try {
      await startAnew(client, password);
    } catch (error) {
      setRefusal(whyOf(error));
    }
    setBusy(false);
  }

  const isWrong = refusal?.kind === "wrong-password";
  return (
    <Frame title={t("safe.confirm.anew-title")} says={t("safe.confirm.anew-says")}>
      <Note kind="warn">{t("safe.confirm.anew-first")}</Note>
      {refusal && !isWrong && <Note kind="danger">{says(refusal)}</Note>}
      <Form className={css["stack"] ?? ""} onSubmit={(event) => void submit(event)}>
        <Field
          validationBehavior="aria"
          label={t("safe.confirm.anew-password")}
          wrong={isWrong ? t("safe.confirm.anew-wrong") : undefined}
          type="password"
          name="password"
          autoComplete="current-password"
          isRequired
          value={password}
          onChange={(value) => {
            setPassword(value);
            setRefusal(undefined);
          }}
        />
        <Answers>
          <Button look="bare" onPress={onBack}>
            {t("safe.confirm.back")}
          </Button>
          <Button type="submit" look="danger" isPending={isBusy} isDisabled={!password}>
            {isBusy ? t("safe.confirm.anew-busy") : t("safe.confirm.anew-go")}
          </Button>
        </Answers>
      </Form>
    </Frame>
  );
}
