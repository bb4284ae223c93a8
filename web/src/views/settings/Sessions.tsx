import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Refusal, whyOf } from "../../matrix/refusals.ts";
import { followSessions, type Session, sessionsOf } from "../../state/sessions.ts";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Note } from "../parts/Note.tsx";
import { Wait } from "../parts/Wait.tsx";
import { useRefusal } from "../useRefusal.ts";
import { EndSession } from "./EndSession.tsx";
import { LeaveSession } from "./LeaveSession.tsx";
import { RenameSession } from "./RenameSession.tsx";
import { SessionLine } from "./SessionLine.tsx";
import css from "./sessions.module.css";

type Question =
  | { about: "nothing" }
  | { about: "name" | "end" | "not-me"; session: Session }
  | { about: "leave" | "leave-everywhere" };

/** Settings: where one is logged in. */
export function Sessions() {
  const { t } = useTranslation();
  const client = useClient();
  const says = useRefusal();
  const [sessions, setSessions] = useState<Session[]>();
  const [refusal, setRefusal] = useState<Refusal>();
  const [question, setQuestion] = useState<Question>({ about: "nothing" });

  const look = useCallback(() => {
    sessionsOf(client).then(
      (found) => {
        setSessions(found);
        setRefusal(undefined);
      },
      (error: unknown) => setRefusal(whyOf(error)),
    );
  }, [client]);
  useEffect(() => {
    look();
    return followSessions(client, look);
  }, [client, look]);

  function close(): void {
    setQuestion({ about: "nothing" });
    look();
  }

  return (
    <section className={css["page"]} aria-labelledby="sessions">
      <h2 id="sessions">{t("sessions.title")}</h2>
      <p className={css["soft"]}>{t("sessions.says")}</p>
      {refusal && <Note kind="danger">{says(refusal)}</Note>}
      {!sessions && !refusal && <Wait says={t("sessions.looking")} />}
      <ul className={css["list"]}>
        {sessions?.map((session) => (
          <SessionLine
            key={session.id}
            session={session}
            onAsk={(about) => setQuestion({ about, session })}
          />
        ))}
      </ul>
      <div className={css["acts"]}>
        <Button look="danger" onPress={() => setQuestion({ about: "leave" })}>
          {t("sessions.leave")}
        </Button>
        <Button look="danger" onPress={() => setQuestion({ about: "leave-everywhere" })}>
          {t("sessions.leave-everywhere")}
        </Button>
      </div>
      {question.about === "name" && <RenameSession session={question.session} onClose={close} />}
      {(question.about === "end" || question.about === "not-me") && (
        <EndSession session={question.session} isStranger={question.about === "not-me"} onClose={close} />
      )}
      {(question.about === "leave" || question.about === "leave-everywhere") && (
        <LeaveSession everywhere={question.about === "leave-everywhere"} onClose={close} />
      )}
    </section>
  );
}
