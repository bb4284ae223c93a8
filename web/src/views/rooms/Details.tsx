import type { Room } from "matrix-js-sdk";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Found } from "../../matrix/people.ts";
import { go } from "../../platform/place.ts";
import { type Companion, companyOf, followCompany, isMuted, setMuted } from "../../state/company.ts";
import { leave, setFavourite } from "../../state/founding.ts";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Answers, Dialog } from "../parts/Dialog.tsx";
import { Note } from "../parts/Note.tsx";
import { OnOff } from "../settings/Choice.tsx";
import { useDeed } from "../useDeed.ts";
import { Members } from "./Members.tsx";
import { PeoplePicker } from "./PeoplePicker.tsx";
import css from "./rooms.module.css";

/** A conversation's own page: who is in it, how loud it is, and the way out. */
export function Details({ room, onClose }: { room: Room; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useClient();
  const { isBusy, wrong, run } = useDeed();
  const [company, setCompany] = useState<Companion[]>(() => companyOf(room));
  const [isQuiet, setQuiet] = useState(() => isMuted(client, room.roomId));
  const [isFirst, setFirst] = useState("m.favourite" in room.tags);
  const [invited, setInvited] = useState<Found[]>();
  useEffect(() => followCompany(room, setCompany), [room]);

  async function onLeave(): Promise<void> {
    if (await run(() => leave(client, room.roomId))) {
      onClose();
      go({ at: "home" });
    }
  }

  async function invite(people: Found[]): Promise<void> {
    const ids = people.map((one) => one.userId);
    const isDone = await run(() => Promise.all(ids.map((id) => client.invite(room.roomId, id))));
    if (isDone) setInvited(undefined);
  }

  return (
    <Dialog title={room.name} onClose={onClose}>
      {wrong && <Note kind="danger">{wrong}</Note>}
      <OnOff
        says={t("details.favourite")}
        is={isFirst}
        onChange={(is) => {
          setFirst(is);
          void run(() => setFavourite(client, room.roomId, is));
        }}
      />
      <OnOff
        says={t("details.quiet")}
        is={isQuiet}
        onChange={(is) => {
          setQuiet(is);
          void run(() => setMuted(client, room.roomId, is));
        }}
      />
      <Members room={room} company={company} run={run} />
      {invited === undefined ? (
        room.canInvite(room.myUserId) && (
          <Button onPress={() => setInvited([])}>{t("details.invite")}</Button>
        )
      ) : (
        <>
          <PeoplePicker chosen={invited} onChange={setInvited} />
          <Button
            look="main"
            isDisabled={invited.length === 0}
            isPending={isBusy}
            onPress={() => void invite(invited)}
          >
            {t("details.invite")}
          </Button>
        </>
      )}
      <p className={css["address"]}>{t("details.history")}</p>
      <Answers>
        <Button look="danger" isPending={isBusy} onPress={() => void onLeave()}>
          {t("details.leave")}
        </Button>
        <Button onPress={onClose}>{t("details.close")}</Button>
      </Answers>
    </Dialog>
  );
}
