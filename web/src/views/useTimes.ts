import { useMemo } from "react";
import { useTranslation } from "react-i18next";

const DAY_MS = 24 * 3600 * 1000;

export interface Times {
  /** The hour today, else the day. */
  short(at: number): string;
  hour(at: number): string;
  day(at: number): string;
}

/** Times as the person's language writes them. */
export function useTimes(): Times {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const hour = new Intl.DateTimeFormat(i18n.language, { hour: "numeric", minute: "2-digit" });
    const day = new Intl.DateTimeFormat(i18n.language, { month: "short", day: "numeric" });
    const whole = new Intl.DateTimeFormat(i18n.language, { dateStyle: "full" });
    const isToday = (at: number): boolean => new Date(at).toDateString() === new Date().toDateString();
    return {
      short: (at) => (isToday(at) ? hour : day).format(at),
      hour: (at) => hour.format(at),
      day: (at) => {
        const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / DAY_MS);
        if (days > 1) return whole.format(at);
        return new Intl.RelativeTimeFormat(i18n.language, { numeric: "auto" }).format(-days, "day");
      },
    };
  }, [i18n.language]);
}
