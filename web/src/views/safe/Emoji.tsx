import { useTranslation } from "react-i18next";

import type en from "../../words/en/emoji.json";
import css from "./safe.module.css";

type Name = keyof typeof en.sas;

/** Seven emoji with their names, to be compared with another device's. */
export function Emoji({ emoji }: { emoji: [symbol: string, name: string][] }) {
  const { t } = useTranslation();
  return (
    <ul className={css["emoji"]}>
      {emoji.map(([symbol, name], index) => (
        <li key={index}>
          <span aria-hidden>{symbol}</span>
          {t(`sas.${name.toLowerCase().replace(/\s/g, "-") as Name}`)}
        </li>
      ))}
    </ul>
  );
}
