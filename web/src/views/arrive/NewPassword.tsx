import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { LEAST_SCORE, type Strength, strengthOf } from "../../platform/strength.ts";
import { Field } from "../parts/Field.tsx";
import css from "./arrive.module.css";

interface Props {
  value: string;
  /** Words that are easy to guess for this person. */
  about: string[];
  /** It was refused as too weak. */
  isWeak: boolean;
  onChange: (value: string) => void;
}

/** A password that is being chosen, and how hard it would be to guess. */
export function NewPassword({ value, about, isWeak, onChange }: Props) {
  const { t } = useTranslation();
  const [score, setScore] = useState<Strength["score"]>(0);
  const words = about.join(" ");

  useEffect(() => {
    let isCurrent = true;
    void strengthOf(value, words.split(" ")).then((strength) => {
      if (isCurrent) setScore(strength.score);
    });
    return () => {
      isCurrent = false;
    };
  }, [value, words]);

  const says = t(`strength.${score}`);
  return (
    <div className={css["form"]}>
      <Field
        label={t("register.password")}
        hint={value ? says : t("register.password-hint")}
        wrong={isWeak && score < LEAST_SCORE ? t("register.too-weak") : undefined}
        name="new-password"
        type="password"
        autoComplete="new-password"
        isRequired
        value={value}
        onChange={onChange}
      />
      <div className={css["strength"]} data-score={value ? score : 0} aria-hidden>
        <span />
        <span />
        <span />
        <span />
      </div>
    </div>
  );
}
