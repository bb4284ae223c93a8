import { GridList } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";

import { go } from "../../platform/place.ts";
import { rooms } from "../../state/rooms.ts";
import { SafetyBanner } from "../safe/SafetyBanner.tsx";
import { usePlace } from "../usePlace.ts";
import { Line } from "./Line.tsx";
import css from "./rooms.module.css";

/** The rooms, newest first. */
export function Sidebar() {
  const { t } = useTranslation();
  const lines = useStore(rooms);
  const place = usePlace();
  return (
    <nav className={css["side"]} aria-label={t("rooms.title")}>
      <header className={css["head"]}>
        <h2>{t("rooms.title")}</h2>
      </header>
      <SafetyBanner />
      <GridList
        aria-label={t("rooms.title")}
        className={css["list"] ?? ""}
        items={lines}
        dependencies={[place]}
        onAction={(key) => go({ at: "room", roomId: String(key) })}
        renderEmptyState={() => <p className={css["none"]}>{t("rooms.none")}</p>}
      >
        {(line) => (
          <Line id={line.roomId} line={line} isOpen={place.at === "room" && place.roomId === line.roomId} />
        )}
      </GridList>
    </nav>
  );
}
