import { ShieldCheck, ShieldQuestionMark } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { comparePerson, roomToCompareIn } from "../../state/comparing.ts";
import { followTrust, type Trust } from "../../state/trust.ts";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import css from "./safe.module.css";

/** Whether somebody is known to be who they say, and the way to find out. For their profile. */
export function VerifyPerson({ userId }: { userId: string }) {
  const { t } = useTranslation();
  const client = useClient();
  const [trust, setTrust] = useState<Trust>("unknown");
  useEffect(() => followTrust(client, userId, setTrust), [client, userId]);
  if (trust === "no-keys") return <p className={css["soft"]}>{t("safe.person.no-keys")}</p>;
  if (trust === "verified") {
    return (
      <p className={css["standing"]}>
        <ShieldCheck aria-hidden size={20} />
        {t("safe.person.verified")}
      </p>
    );
  }
  const canAsk = roomToCompareIn(client, userId) !== undefined;
  return (
    <div className={css["stack"]}>
      <p className={css["standing"]}>
        <ShieldQuestionMark aria-hidden size={20} />
        {t(trust === "new-keys" ? "safe.person.new-keys" : "safe.person.unknown")}
      </p>
      <Button isDisabled={!canAsk} onPress={() => void comparePerson(client, userId)}>
        {t("safe.compare.go")}
      </Button>
      {!canAsk && <p className={css["soft"]}>{t("safe.person.write-first")}</p>}
    </div>
  );
}
