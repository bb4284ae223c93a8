import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";

import { setBlocked } from "../../state/founding.ts";
import { prefer, preferences } from "../../state/preferences.ts";
import { useClient } from "../client.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Button } from "../parts/Button.tsx";
import { Note } from "../parts/Note.tsx";
import { useDeed } from "../useDeed.ts";
import { OnOff } from "./Choice.tsx";
import { Part } from "./Part.tsx";
import css from "./settings.module.css";

/** What others hear of oneself, and of whom one hears nothing. */
export function Privacy() {
  const { t } = useTranslation();
  const { tellsRead, tellsTyping } = useStore(preferences);
  return (
    <>
      <Part title={t("privacy.tells")}>
        <OnOff says={t("privacy.read")} is={tellsRead} onChange={(is) => prefer({ tellsRead: is })} />
        <OnOff says={t("privacy.typing")} is={tellsTyping} onChange={(is) => prefer({ tellsTyping: is })} />
      </Part>
      <Blocked />
    </>
  );
}

function Blocked() {
  const { t } = useTranslation();
  const client = useClient();
  const { wrong, run } = useDeed();
  const [blocked, setBlockedNow] = useState(() => client.getIgnoredUsers());

  async function unblock(userId: string): Promise<void> {
    const isDone = await run(() => setBlocked(client, userId, false));
    if (isDone) setBlockedNow(blocked.filter((each) => each !== userId));
  }

  return (
    <Part title={t("privacy.blocked")} says={t("privacy.blocked-says")}>
      {wrong && <Note kind="danger">{wrong}</Note>}
      {blocked.length === 0 && <p className={css["says"]}>{t("privacy.nobody")}</p>}
      <ul className={css["people"]}>
        {blocked.map((userId) => (
          <li key={userId}>
            <Avatar id={userId} name={userId} size="small" />
            <span>{userId}</span>
            <Button onPress={() => void unblock(userId)}>{t("privacy.unblock")}</Button>
          </li>
        ))}
      </ul>
    </Part>
  );
}
