import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";

import { session } from "../state/session.ts";
import { Arrive } from "./arrive/Arrive.tsx";
import { Broken, Elsewhere, Opening } from "./arrive/Waiting.tsx";

const Home = lazy(() => import("./Home.tsx"));

/** The whole page: what it shows follows from who is here. */
export function App() {
  const now = useStore(session);
  const { t } = useTranslation();
  switch (now.at) {
    case "starting":
      return null;
    case "outside":
      return <Arrive because={now.because} />;
    case "elsewhere":
      return <Elsewhere />;
    case "opening":
      return <Opening says={t("opening.says")} />;
    case "broken":
      return <Broken because={now.because} />;
    case "in":
      return (
        <Suspense fallback={<Opening says={t("opening.says")} />}>
          <Home client={now.client} isNew={now.isNew} />
        </Suspense>
      );
  }
}
