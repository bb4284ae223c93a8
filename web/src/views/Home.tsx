import type { MatrixClient } from "matrix-js-sdk";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";

import { followRooms, rooms } from "../state/rooms.ts";
import { ClientContext } from "./client.ts";
import css from "./home.module.css";
import { Sidebar } from "./rooms/Sidebar.tsx";
import { Safe } from "./safe/Safe.tsx";
import { Conversation } from "./talk/Conversation.tsx";
import { usePlace } from "./usePlace.ts";

/** Who is in sees their rooms, and beside them the one that they are in. */
export default function Home({ client }: { client: MatrixClient; isNew: boolean }) {
  const { t } = useTranslation();
  const place = usePlace();
  const hasRooms = useStore(rooms, (lines) => lines.length > 0);
  useEffect(() => followRooms(client), [client]);

  const room = place.at === "room" ? client.getRoom(place.roomId) : null;
  return (
    <ClientContext value={client}>
      <Safe>
        <div className={css["home"]} data-at={place.at === "home" ? "list" : "main"}>
          <Sidebar />
          <main className={css["main"]}>
            {room ? (
              <Conversation key={room.roomId} room={room} />
            ) : (
              <div className={css["empty"]}>
                <h1>{t(hasRooms ? "home.choose" : "home.first")}</h1>
                <p>{t("home.sealed")}</p>
              </div>
            )}
          </main>
        </div>
      </Safe>
    </ClientContext>
  );
}
