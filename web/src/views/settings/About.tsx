import { useTranslation } from "react-i18next";

import { useClient } from "../client.ts";
import { Part } from "./Part.tsx";
import css from "./settings.module.css";

/** What this is, and which cryptography it has. */
export function About() {
  const { t } = useTranslation();
  const client = useClient();
  return (
    <Part title={t("settings.about")} says={t("about.says")}>
      <dl className={css["facts"]}>
        <dt>{t("about.server")}</dt>
        <dd>{client.getDomain()}</dd>
        <dt>{t("about.crypto")}</dt>
        <dd>{client.getCrypto()?.getVersion()}</dd>
        <dt>{t("about.device")}</dt>
        <dd>{client.getDeviceId()}</dd>
      </dl>
    </Part>
  );
}
