import { Monitor, ShieldAlert, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Session } from "../../state/sessions.ts";
import { Button } from "../parts/Button.tsx";
import { useTimes } from "../useTimes.ts";
import css from "./sessions.module.css";

interface Props {
  session: Session;
  onAsk: (about: "name" | "end" | "not-me") => void;
}

/** One place where one is logged in. */
export function SessionLine({ session, onAsk }: Props) {
  const { t } = useTranslation();
  const times = useTimes();
  const { isThis, isConfirmed, seenAt, where } = session;
  const Standing = isConfirmed ? ShieldCheck : ShieldAlert;
  return (
    <li className={css["line"]} data-confirmed={isConfirmed} aria-label={session.name}>
      <Monitor aria-hidden size={24} />
      <div className={css["words"]}>
        <p>
          <b>{session.name}</b>
          {isThis && <span className={css["badge"]}>{t("sessions.this")}</span>}
        </p>
        <p className={css["standing"]}>
          <Standing aria-hidden size={16} />
          {t(isConfirmed ? "sessions.confirmed" : "sessions.unconfirmed")}
        </p>
        <p className={css["soft"]}>
          {seenAt !== undefined && t("sessions.seen", { when: `${times.day(seenAt)}, ${times.hour(seenAt)}` })}
          {where && ` · ${where}`}
        </p>
      </div>
      <div className={css["buttons"]}>
        <Button look="bare" onPress={() => onAsk("name")}>
          {t("sessions.rename")}
        </Button>
        {!isThis && (
          <>
            <Button look="bare" onPress={() => onAsk("end")}>
              {t("sessions.end")}
            </Button>
            <Button onPress={() => onAsk("not-me")}>{t("sessions.not-me")}</Button>
          </>
        )}
      </div>
    </li>
  );
}
