/** Which language the page speaks: what the person chose, else what their browser asks for. */

import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import en from "../words/en/index.ts";

export const LANGUAGES = { en: "English", "zh-Hans": "简体中文" } as const;
export type Language = keyof typeof LANGUAGES;

const CHOICE = "language";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

function wanted(): Language {
  const chosen = localStorage.getItem(CHOICE);
  if (chosen !== null && chosen in LANGUAGES) return chosen as Language;
  const first = navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag)) ?? "en";
  return first.toLowerCase().startsWith("zh") ? "zh-Hans" : "en";
}

async function load(language: Language): Promise<void> {
  if (language === "zh-Hans" && !i18next.hasResourceBundle(language, "translation")) {
    const words = await import("../words/zh-Hans/index.ts");
    i18next.addResourceBundle(language, "translation", words.default);
  }
}

/** Before anything is shown. */
export async function beginWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en } },
    lng: "en",
    fallbackLng: "en",
    interpolation: { escapeValue: false }, // React does
  });
  await speak(wanted());
}

/** Speak this language from now on, without remembering it. */
async function speak(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** Speak this language from now on, and the next time. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(CHOICE, language);
  await speak(language);
}
