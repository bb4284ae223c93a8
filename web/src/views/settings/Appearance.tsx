import { useState } from "react";
import { useTranslation } from "react-i18next";

import { chooseLook, chosenLook, type Look } from "../../platform/look.ts";
import { chooseLanguage, type Language, LANGUAGES } from "../../platform/words.ts";
import { Choice, OnOff } from "./Choice.tsx";
import { Part } from "./Part.tsx";

/** How it looks, and the language that it speaks. */
export function Appearance() {
  const { t, i18n } = useTranslation();
  const [look, setLook] = useState(chosenLook);

  function choose(some: Partial<Look>): void {
    const next = { ...look, ...some };
    setLook(next);
    chooseLook(next);
  }

  return (
    <>
      <Part title={t("look.theme")}>
        <Choice
          label={t("look.theme")}
          now={look.theme}
          of={{ system: t("look.system"), light: t("look.light"), dark: t("look.dark") }}
          onChoose={(theme) => choose({ theme })}
        />
        <OnOff
          says={t("look.contrast")}
          is={look.contrast === "high"}
          onChange={(is) => choose({ contrast: is ? "high" : "normal" })}
        />
      </Part>
      <Part title={t("look.text")}>
        <Choice
          label={t("look.text")}
          now={look.text}
          of={{ normal: t("look.normal"), large: t("look.large"), larger: t("look.larger") }}
          onChoose={(text) => choose({ text })}
        />
      </Part>
      <Part title={t("look.language")}>
        <Choice
          label={t("look.language")}
          now={i18n.language as Language}
          of={LANGUAGES}
          onChoose={(language) => void chooseLanguage(language)}
        />
      </Part>
    </>
  );
}
