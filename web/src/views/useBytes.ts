import { useMemo } from "react";
import { useTranslation } from "react-i18next";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** A size as the person's language writes it. */
export function useBytes(): (bytes: number) => string {
  const { i18n } = useTranslation();
  return useMemo(() => {
    return (bytes) => {
      const at = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
      const unit = { style: "unit", unit: UNITS[at], maximumFractionDigits: at === 0 ? 0 : 1 } as const;
      return new Intl.NumberFormat(i18n.language, unit).format(bytes / 1000 ** at);
    };
  }, [i18n.language]);
}
