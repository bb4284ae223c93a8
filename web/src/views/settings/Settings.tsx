import { ArrowLeft } from "lucide-react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { go } from "../../platform/place.ts";
import { IconButton } from "../parts/Button.tsx";
import { About } from "./About.tsx";
import { Appearance } from "./Appearance.tsx";
import { Privacy } from "./Privacy.tsx";
import { Profile } from "./Profile.tsx";
import { Sessions } from "./Sessions.tsx";
import css from "./settings.module.css";

const PAGES = {
  profile: Profile,
  sessions: Sessions,
  appearance: Appearance,
  privacy: Privacy,
  about: About,
} as const;
type Page = keyof typeof PAGES;

/** What a person can choose, page by page. */
export function Settings({ page }: { page: string }) {
  const { t } = useTranslation();
  const now: Page = page in PAGES ? (page as Page) : "profile";
  return (
    <section className={css["settings"]} aria-label={t("me.settings")}>
      <header className={css["head"]}>
        <IconButton says={t("talk.back")} onPress={() => go({ at: "home" })}>
          <ArrowLeft aria-hidden size={22} />
        </IconButton>
        <h1>{t("me.settings")}</h1>
      </header>
      <Tabs
        className={css["tabs"] ?? ""}
        selectedKey={now}
        onSelectionChange={(key) => go({ at: "settings", page: String(key) }, { instead: true })}
      >
        <TabList aria-label={t("me.settings")} className={css["list"] ?? ""}>
          {Object.keys(PAGES).map((key) => (
            <Tab key={key} id={key} className={css["tab"] ?? ""}>
              {t(`settings.${key as Page}`)}
            </Tab>
          ))}
        </TabList>
        {Object.entries(PAGES).map(([key, Shown]) => (
          <TabPanel key={key} id={key} className={css["panel"] ?? ""}>
            <Shown />
          </TabPanel>
        ))}
      </Tabs>
    </section>
  );
}

