import { useTranslation } from "react-i18next";

import type { Refusal } from "../../matrix/refusals.ts";
import { logOut, takeOver } from "../../state/session.ts";
import { Button } from "../parts/Button.tsx";
import { Note } from "../parts/Note.tsx";
import { Wait } from "../parts/Wait.tsx";
import { useRefusal } from "../useRefusal.ts";
import css from "./arrive.module.css";
import { Frame } from "./Frame.tsx";

/** The keys are being opened. */
export function Opening({ says }: { says: string }) {
  return (
    <main className={css["page"]}>
      <div className={css["wait"]}>
        <Wait says={says} />
        <p className={css["soft"]}>{says}</p>
      </div>
    </main>
  );
}

/** Another tab has the account. */
export function Elsewhere() {
  const { t } = useTranslation();
  return (
    <Frame title={t("elsewhere.title")} says={t("elsewhere.says")}>
      <Button look="main" onPress={() => void takeOver()}>
        {t("elsewhere.here")}
      </Button>
    </Frame>
  );
}

/** The session cannot be opened. */
export function Broken({ because }: { because: Refusal }) {
  const { t } = useTranslation();
  const says = useRefusal();
  return (
    <Frame title={t("broken.title")}>
      <Note kind="danger">{says(because)}</Note>
      <Button look="main" onPress={() => location.reload()}>
        {t("broken.again")}
      </Button>
      <Button look="danger" onPress={() => void logOut()}>
        {t("broken.leave")}
      </Button>
    </Frame>
  );
}
