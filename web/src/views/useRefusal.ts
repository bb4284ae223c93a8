import { useTranslation } from "react-i18next";

import type { Refusal } from "../matrix/refusals.ts";

/** Says what a refusal means, in the person's language. */
export function useRefusal(): (refusal: Refusal) => string {
  const { t } = useTranslation();
  return (refusal) => {
    switch (refusal.kind) {
      case "too-fast":
        return t("refusal.too-fast", { seconds: Math.ceil(refusal.waitMs / 1000) });
      case "clock-wrong":
        return t("refusal.clock-wrong", { minutes: Math.round(Math.abs(refusal.offMs) / 60_000) });
      case "unknown":
        return t("refusal.unknown", { errcode: refusal.errcode || "?" });
      default:
        return t(`refusal.${refusal.kind}`);
    }
  };
}
