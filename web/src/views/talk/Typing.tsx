import type { Room } from "matrix-js-sdk";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { followTyping } from "../../state/typing.ts";
import { useClient } from "../client.ts";
import css from "./talk.module.css";

const MOST_NAMED = 2;

/** Who is typing: a line that is always there, so that nothing moves. */
export function Typing({ room }: { room: Room }) {
  const { t } = useTranslation();
  const client = useClient();
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => followTyping(client, room.roomId, setNames), [client, room.roomId]);
  const named = names.slice(0, MOST_NAMED).join(", ");
  return (
    <p className={css["typing"]} aria-live="polite">
      {names.length > MOST_NAMED
        ? t("talk.many-type")
        : names.length > 0 && t("talk.types", { count: names.length, names: named })}
    </p>
  );
}
