import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { type Refusal, whyOf } from "../../matrix/refusals.ts";
import { LEAST_SCORE, strengthOf } from "../../platform/strength.ts";
import { end, putOut, type Session } from "../../state/sessions.ts";
import { NewPassword } from "../arrive/NewPassword.tsx";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Answers, Dialog } from "../parts/Dialog.tsx";
import { Field } from "../parts/Field.tsx";
import { Note } from "../parts/Note.tsx";
import { useRefusal } from "../useRefusal.ts";
import css from "./sessions.module.css";

interface Props {
  session: Session;
  /** Somebody else is in there: the password changes too. */
  isStranger: boolean;
  onClose: () => void;
}

/** Log another session out, with the password. */
export function EndSession({ session, isStranger, onClose }: Props) {
  const { t } = useTranslation();
  const client = useClient();
  const says = useRefusal();
  const [isBusy, setBusy] = useState(false);
  const [password, setPassword] = useState("");
  const [newPassword, setNewPassword] = useState("");
  const [isWeak, setWeak] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const about = [client.getSafeUserId().slice(1).split(":")[0] ?? ""];

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      const isTooWeak = isStranger && (await strengthOf(newPassword, about)).score < LEAST_SCORE;
      setWeak(isTooWeak);
      if (!isTooWeak) {
        if (isStranger) await putOut(client, session.id, password, newPassword);
        else await end(client, session.id, password);
        onClose();
      }
    } catch (error) {
      setRefusal(whyOf(error));
    }
    setBusy(false);
  }

  const isWrong = refusal?.kind === "wrong-password";
  const title = t(isStranger ? "sessions.not-me-title" : "sessions.end-title", { name: session.name });
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{t(isStranger ? "sessions.not-me-says" : "sessions.end-says")}</p>
      {refusal && !isWrong && <Note kind="danger">{says(refusal)}</Note>}
      <Form className={css["form"] ?? ""} onSubmit={(event) => void submit(event)}>
        <Field
          validationBehavior="aria"
          label={t("safe.confirm.anew-password")}
          wrong={isWrong ? t("safe.confirm.anew-wrong") : undefined}
          type="password"
          name="password"
          autoComplete="current-password"
          autoFocus
          value={password}
          onChange={(value) => {
            setPassword(value);
            setRefusal(undefined);
          }}
        />
        {isStranger && (
          <>
            <p>{t("sessions.new-password")}</p>
            <NewPassword value={newPassword} about={about} isWeak={isWeak} onChange={setNewPassword} />
          </>
        )}
        <Answers>
          <Button look="bare" onPress={onClose}>
            {t("sessions.cancel")}
          </Button>
          <Button type="submit" look="danger" isPending={isBusy} isDisabled={!password}>
            {t(isStranger ? "sessions.not-me-go" : "sessions.end")}
          </Button>
        </Answers>
      </Form>
    </Dialog>
  );
}
