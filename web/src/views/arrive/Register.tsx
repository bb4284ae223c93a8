import { type FormEvent, useEffect, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { type Invitation, invitationOf } from "../../matrix/invitation.ts";
import { type Refusal, whyOf } from "../../matrix/refusals.ts";
import { deviceName } from "../../platform/device.ts";
import { go } from "../../platform/place.ts";
import { LEAST_SCORE, strengthOf } from "../../platform/strength.ts";
import { register } from "../../state/session.ts";
import { Button } from "../parts/Button.tsx";
import { Field } from "../parts/Field.tsx";
import { Note } from "../parts/Note.tsx";
import { useRefusal } from "../useRefusal.ts";
import css from "./arrive.module.css";
import { Frame } from "./Frame.tsx";
import { NewPassword } from "./NewPassword.tsx";
import { Opening } from "./Waiting.tsx";

type Found = { at: "asking" } | { at: "over"; because: Refusal } | { at: "good"; of: Invitation };

/** From an invitation to an account: a name, a password, and one is in. */
export function Register({ token }: { token: string }) {
  const { t } = useTranslation();
  const says = useRefusal();
  const [found, setFound] = useState<Found>({ at: "asking" });

  useEffect(() => {
    let isCurrent = true;
    invitationOf(token).then(
      (of) => isCurrent && setFound({ at: "good", of }),
      (error: unknown) => isCurrent && setFound({ at: "over", because: whyOf(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [token]);

  if (found.at === "asking") return <Opening says={t("register.asking")} />;
  if (found.at === "good") return <Account token={token} invitation={found.of} />;
  return (
    <Frame title={t("register.over-title")}>
      <Note kind="warn">{says(found.because)}</Note>
      <Button onPress={() => go({ at: "home" })}>{t("register.to-login")}</Button>
    </Frame>
  );
}

function Account({ token, invitation }: { token: string; invitation: Invitation }) {
  const { t } = useTranslation();
  const says = useRefusal();
  const [refusal, setRefusal] = useState<Refusal>();
  const [isBusy, setBusy] = useState(false);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [isWeak, setWeak] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const { score } = await strengthOf(password, [name, invitation.organisation]);
    setWeak(score < LEAST_SCORE);
    if (score >= LEAST_SCORE) {
      const wanted = { name: name.trim().toLowerCase(), password, deviceName: deviceName() };
      const refused = await register(token, wanted);
      setRefusal(refused);
      if (!refused) go({ at: "home" }, { instead: true });
    }
    setBusy(false);
  }

  const { organisation, invitedBy } = invitation;
  const title = t("register.title", { organisation });
  const who = invitedBy ? t("register.by", { name: invitedBy }) : t("register.says");
  return (
    <Frame title={title} says={who}>
      {refusal && <Note kind="danger">{says(refusal)}</Note>}
      <Form className={css["form"] ?? ""} onSubmit={(event) => void submit(event)}>
        <Field
          label={t("register.name")}
          hint={t("register.name-hint", { name: name.trim().toLowerCase() || "…", organisation })}
          name="username"
          autoComplete="username"
          isRequired
          autoFocus
          value={name}
          onChange={setName}
        />
        <NewPassword value={password} about={[name]} isWeak={isWeak} onChange={setPassword} />
        <Button type="submit" look="main" isPending={isBusy}>
          {isBusy ? t("register.busy") : t("register.go")}
        </Button>
      </Form>
      <p className={css["foot"]}>{t("register.keys")}</p>
    </Frame>
  );
}
