import { ShieldAlert } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { type ReactNode, useContext, useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";

import { comparePerson, roomToCompareIn } from "../../state/comparing.ts";
import { type NewKeys, RoomIdentity } from "../../state/identity.ts";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { PostponedContext } from "./postponed.ts";
import css from "./safe.module.css";

/** Where one writes, closed while somebody's keys are new or one's own session is not confirmed. */
export function MayWrite({ room, children }: { room: Room; children: ReactNode }) {
  const client = useClient();
  const identity = useMemo(() => new RoomIdentity(client, room), [client, room]);
  useEffect(() => identity.follow(), [identity]);
  const now = useStore(identity.store);
  return (
    <div>
      {now.at === "unconfirmed" && <Unconfirmed />}
      {now.at === "new-keys" && (
        <NewKeysBanner people={now.people} onAccept={() => void identity.accept(now.people)} />
      )}
      <div inert={now.at !== "yes"} data-closed={now.at !== "yes"} className={css["closable"]}>
        {children}
      </div>
    </div>
  );
}

function Unconfirmed() {
  const { t } = useTranslation();
  const confirm = useContext(PostponedContext);
  return (
    <div className={css["stop"]} role="alert">
      <ShieldAlert aria-hidden size={20} />
      <p>{t("safe.stop.unconfirmed")}</p>
      <div className={css["acts"]}>
        <Button onPress={confirm}>{t("safe.banner.sealed-go")}</Button>
      </div>
    </div>
  );
}

function NewKeysBanner({ people, onAccept }: { people: NewKeys[]; onAccept: () => void }) {
  const { t, i18n } = useTranslation();
  const names = new Intl.ListFormat(i18n.language).format(people.map(({ name }) => name));
  const client = useClient();
  const [first] = people.length === 1 ? people : [];
  const wasVerified = people.some((person) => person.wasVerified);
  return (
    <div className={css["stop"]} role="alert">
      <ShieldAlert aria-hidden size={20} />
      <div>
        <p>
          <b>{t("safe.stop.title", { count: people.length, names })}</b>
        </p>
        <p>{t("safe.stop.says", { count: people.length })}</p>
        {wasVerified && <p>{t("safe.stop.was-verified", { count: people.length })}</p>}
      </div>
      <div className={css["acts"]}>
        {first && roomToCompareIn(client, first.userId) && (
          <Button onPress={() => void comparePerson(client, first.userId)}>{t("safe.compare.go")}</Button>
        )}
        <Button onPress={onAccept}>{t("safe.stop.accept")}</Button>
      </div>
    </div>
  );
}
