import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";

import type { Refusal } from "../../matrix/refusals.ts";
import { deviceName } from "../../platform/device.ts";
import { logIn } from "../../state/session.ts";
import { Button } from "../parts/Button.tsx";
import { Field } from "../parts/Field.tsx";
import { Note } from "../parts/Note.tsx";
import { useRefusal } from "../useRefusal.ts";
import css from "./arrive.module.css";
import { Frame } from "./Frame.tsx";

/** Name and password. */
export function LogIn({ because }: { because?: Refusal | undefined }) {
  const { t } = useTranslation();
  const says = useRefusal();
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState(because);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setRefusal(await logIn({ name: name.trim(), password, deviceName: deviceName() }));
    setBusy(false);
  }

  return (
    <Frame title={t("login.title")} says={t("login.says")}>
      {refusal && <Note kind="danger">{says(refusal)}</Note>}
      <Form className={css["form"] ?? ""} onSubmit={(event) => void submit(event)}>
        <Field
          label={t("login.name")}
          name="username"
          autoComplete="username"
          isRequired
          autoFocus
          value={name}
          onChange={setName}
        />
        <Field
          label={t("login.password")}
          name="password"
          type="password"
          autoComplete="current-password"
          isRequired
          value={password}
          onChange={setPassword}
        />
        <Button type="submit" look="main" isPending={isBusy}>
          {isBusy ? t("login.busy") : t("login.go")}
        </Button>
      </Form>
      <p className={css["foot"]}>{t("login.forgot")}</p>
    </Frame>
  );
}
