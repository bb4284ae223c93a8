import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Found } from "../../matrix/people.ts";
import { go } from "../../platform/place.ts";
import { chatWith, roomOf } from "../../state/founding.ts";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Answers, Dialog } from "../parts/Dialog.tsx";
import { Field } from "../parts/Field.tsx";
import { Note } from "../parts/Note.tsx";
import { useDeed } from "../useDeed.ts";
import { PeoplePicker } from "./PeoplePicker.tsx";

/** A new conversation: with one person, or of several under a name. */
export function Begin({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useClient();
  const { isBusy, wrong, run } = useDeed();
  const [chosen, setChosen] = useState<Found[]>([]);
  const [name, setName] = useState("");
  const isGroup = chosen.length > 1;

  async function begin(): Promise<void> {
    const [first] = chosen;
    if (!first) return;
    const named = name.trim() || chosen.map((one) => one.name).join(", ");
    const ids = chosen.map((one) => one.userId);
    let roomId = "";
    const isDone = await run(async () => {
      roomId = isGroup ? await roomOf(client, named, ids) : await chatWith(client, first.userId);
    });
    if (!isDone) return;
    onClose();
    go({ at: "room", roomId });
  }

  return (
    <Dialog title={t("begin.title")} onClose={onClose}>
      <PeoplePicker chosen={chosen} onChange={setChosen} />
      {isGroup && <Field label={t("begin.name")} hint={t("begin.name-hint")} value={name} onChange={setName} />}
      {wrong && <Note kind="danger">{wrong}</Note>}
      <Answers>
        <Button onPress={onClose}>{t("talk.cancel")}</Button>
        <Button look="main" isDisabled={chosen.length === 0} isPending={isBusy} onPress={() => void begin()}>
          {t(isGroup ? "begin.go-group" : "begin.go")}
        </Button>
      </Answers>
    </Dialog>
  );
}
