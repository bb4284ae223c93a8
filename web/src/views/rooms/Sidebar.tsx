import { SquarePen } from "lucide-react";
import { useState } from "react";
import { GridList } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";

import { go } from "../../platform/place.ts";
import { rooms } from "../../state/rooms.ts";
import { Button, IconButton } from "../parts/Button.tsx";
import { SafetyBanner } from "../safe/SafetyBanner.tsx";
import { usePlace } from "../usePlace.ts";
import { Begin } from "./Begin.tsx";
import { Line } from "./Line.tsx";
import { Me } from "./Me.tsx";
import css from "./rooms.module.css";

/** The rooms, newest first. */
export function Sidebar() {
  const { t } = useTranslation();
  const lines = useStore(rooms);
  const place = usePlace();
  const [isBeginning, setBeginning] = useState(false);
  return (
    <nav className={css["side"]} aria-label={t("rooms.title")}>
      <header className={css["head"]}>
        <Me />
        <h2>{t("rooms.title")}</h2>
        <IconButton says={t("begin.title")} onPress={() => setBeginning(true)}>
          <SquarePen aria-hidden size={20} />
        </IconButton>
      </header>
      <SafetyBanner />
      <GridList
        aria-label={t("rooms.title")}
        className={css["list"] ?? ""}
        items={lines}
        dependencies={[place]}
        onAction={(key) => go({ at: "room", roomId: String(key) })}
        renderEmptyState={() => (
          <div className={css["none"]}>
            <p>{t("rooms.none")}</p>
            <Button look="main" onPress={() => setBeginning(true)}>
              {t("rooms.begin")}
            </Button>
          </div>
        )}
      >
        {(line) => (
          <Line id={line.roomId} line={line} isOpen={place.at === "room" && place.roomId === line.roomId} />
        )}
      </GridList>
      {isBeginning && <Begin onClose={() => setBeginning(false)} />}
    </nav>
  );
}
