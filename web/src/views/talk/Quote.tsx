import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components";

import type { Quoted } from "../../state/items.ts";
import { useTalk } from "./useTalk.ts";
import css from "./talk.module.css";

/** What a message replies to, in a line; pressed, the conversation goes there. */
export function Quote({ quoted }: { quoted: Quoted }) {
  const { t } = useTranslation();
  const { goTo } = useTalk();
  return (
    <Button className={css["quote"] ?? ""} onPress={() => goTo(quoted.id)}>
      <b>{quoted.senderName || t("talk.earlier")}</b>
      <span>{quoted.text ?? t("talk.not-here")}</span>
    </Button>
  );
}
