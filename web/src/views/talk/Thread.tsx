import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { IconButton } from "../parts/Button.tsx";
import css from "./talk.module.css";

/** An open thread: beside the conversation, or over it on a phone. */
export function Thread({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <aside className={css["thread"]} aria-label={t("talk.thread-of")}>
      <header className={css["head"]}>
        <h2 className={css["title"]}>{t("talk.thread-of")}</h2>
        <IconButton says={t("talk.close-thread")} onPress={onClose}>
          <X aria-hidden size={20} />
        </IconButton>
      </header>
      {children}
    </aside>
  );
}
