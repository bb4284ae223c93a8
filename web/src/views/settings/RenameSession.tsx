import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { type Refusal, whyOf } from "../../matrix/refusals.ts";
import { rename, type Session } from "../../state/sessions.ts";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Answers, Dialog } from "../parts/Dialog.tsx";
import { Field } from "../parts/Field.tsx";
import { Note } from "../parts/Note.tsx";
import { useRefusal } from "../useRefusal.ts";
import css from "./sessions.module.css";

/** What a session is called in the list. */
export function RenameSession({ session, onClose }: { session: Session; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useClient();
  const says = useRefusal();
  const [name, setName] = useState(session.name);
  const [refusal, setRefusal] = useState<Refusal>();

  function submit(event: FormEvent): void {
    event.preventDefault();
    rename(client, session.id, name.trim()).then(onClose, (error: unknown) => setRefusal(whyOf(error)));
  }

  return (
    <Dialog title={t("sessions.rename-title")} onClose={onClose}>
      {refusal && <Note kind="danger">{says(refusal)}</Note>}
      <Form className={css["form"] ?? ""} onSubmit={submit}>
        <Field label={t("sessions.name")} autoFocus isRequired value={name} onChange={setName} />
        <Answers>
          <Button look="bare" onPress={onClose}>
            {t("sessions.cancel")}
          </Button>
          <Button type="submit" look="main" isDisabled={!name.trim()}>
            {t("sessions.rename-go")}
          </Button>
        </Answers>
      </Form>
    </Dialog>
  );
}
