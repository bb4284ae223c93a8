import { KeyRound, ShieldAlert } from "lucide-react";
import { type ReactNode, useContext, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";

import { safety } from "../../state/safety.ts";
import { Button } from "../parts/Button.tsx";
import { KeepRecoveryKey } from "./KeepRecoveryKey.tsx";
import { PostponedContext } from "./postponed.ts";
import css from "./safe.module.css";

/** What is still to be done so that nothing can be lost; nothing for who has done it. */
export function SafetyBanner() {
  const { t } = useTranslation();
  const now = useStore(safety);
  const confirm = useContext(PostponedContext);
  const [isOpen, setOpen] = useState(false);
  if (now.at === "unconfirmed") {
    return (
      <Banner icon={<ShieldAlert aria-hidden size={20} />} kind="warn" name="sealed">
        <Button onPress={confirm}>{t("safe.banner.sealed-go")}</Button>
      </Banner>
    );
  }
  const isDue = now.at === "confirmed" && now.needsRecoveryKey;
  return (
    <>
      {isDue && (
        <Banner icon={<KeyRound aria-hidden size={20} />} kind="info" name="key">
          <Button onPress={() => setOpen(true)}>{t("safe.banner.key-go")}</Button>
        </Banner>
      )}
      {isOpen && <KeepRecoveryKey onClose={() => setOpen(false)} />}
    </>
  );
}

interface Props {
  icon: ReactNode;
  kind: "info" | "warn";
  name: "key" | "sealed";
  children: ReactNode;
}

function Banner({ icon, kind, name, children }: Props) {
  const { t } = useTranslation();
  return (
    <section className={css["banner"]} data-kind={kind} aria-label={t(`safe.banner.${name}-title`)}>
      {icon}
      <div className={css["stack"]}>
        <p>
          <b>{t(`safe.banner.${name}-title`)}</b>
        </p>
        <p className={css["soft"]}>{t(`safe.banner.${name}-says`)}</p>
        {children}
      </div>
    </section>
  );
}
