import type { MatrixClient } from "matrix-js-sdk";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";

import type { Place } from "../platform/place.ts";
import { followRooms, rooms } from "../state/rooms.ts";
import { ClientContext } from "./client.ts";
import css from "./home.module.css";
import { Invitation } from "./rooms/Invitation.tsx";
import { Sidebar } from "./rooms/Sidebar.tsx";
import { Safe } from "./safe/Safe.tsx";
import { Settings } from "./settings/Settings.tsx";
import { Conversation } from "./talk/Conversation.tsx";
import { usePlace } from "./usePlace.ts";

/** Who is in sees their rooms, and beside them the one that they are in. */
export default function Home({ client }: { client: MatrixClient; isNew: boolean }) {
  const place = usePlace();
  useEffect(() => followRooms(client), [client]);
  return (
    <ClientContext value={client}>
      <Safe>
        <div className={css["home"]} data-at={place.at === "home" ? "list" : "main"}>
          <Sidebar />
          <main className={css["main"]}>
            <Main client={client} place={place} />
          </main>
        </div>
      </Safe>
    </ClientContext>
  );
}

function Main({ client, place }: { client: MatrixClient; place: Place }) {
  const { t } = useTranslation();
  const hasRooms = useStore(rooms, (lines) => lines.length > 0);
  const standing = useStore(rooms, (lines) =>
    place.at === "room" ? lines.find((line) => line.roomId === place.roomId)?.standing : undefined,
  );
  if (place.at === "settings") return <Settings page={place.page} />;
  const room = place.at === "room" ? client.getRoom(place.roomId) : null;
  if (room && standing === "in") return <Conversation key={room.roomId} room={room} />;
  if (room && standing === "invited") return <Invitation key={room.roomId} room={room} />;
  return (
    <div className={css["empty"]}>
      <h1>{t(hasRooms ? "home.choose" : "home.first")}</h1>
      <p>{t("home.sealed")}</p>
    </div>
  );
}
