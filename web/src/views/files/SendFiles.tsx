import type { Room } from "matrix-js-sdk";
import { useRef, useState } from "react";
import { ProgressBar } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { whyOf } from "../../matrix/refusals.ts";
import { plainName } from "../../guard/files.ts";
import { sendFile } from "../../state/files.ts";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Answers, Dialog } from "../parts/Dialog.tsx";
import { Note } from "../parts/Note.tsx";
import { useBytes } from "../useBytes.ts";
import { useRefusal } from "../useRefusal.ts";
import css from "./files.module.css";

interface Props {
  room: Room;
  threadId: string | null;
  files: File[];
  onClose: () => void;
}

/** What is about to be sent: it goes when it is confirmed, one after another, and can be stopped. */
export function SendFiles({ room, threadId, files, onClose }: Props) {
  const { t } = useTranslation();
  const client = useClient();
  const says = useRefusal();
  const size = useBytes();
  const [left, setLeft] = useState(files);
  const [share, setShare] = useState<number>();
  const [wrong, setWrong] = useState<string>();
  const abort = useRef<AbortController>(undefined);

  async function send(): Promise<void> {
    setWrong(undefined);
    abort.current = new AbortController();
    let unsent = left;
    for (const file of left) {
      setShare(0);
      try {
        await sendFile(client, room.roomId, threadId, file, abort.current, setShare);
      } catch (error) {
        if (!abort.current.signal.aborted) setWrong(`${plainName(file.name)}: ${says(whyOf(error))}`);
        setShare(undefined);
        return;
      }
      unsent = unsent.filter((each) => each !== file);
      setLeft(unsent);
    }
    onClose();
  }

  function cancel(): void {
    abort.current?.abort();
    onClose();
  }

  return (
    <Dialog title={t("files.title", { count: files.length, name: room.name })} onClose={cancel}>
      <ul className={css["list"]}>
        {left.map((file, at) => (
          <li key={at}>
            <b>{plainName(file.name)}</b> <span className={css["size"]}>{size(file.size)}</span>
          </li>
        ))}
      </ul>
      {share !== undefined && (
        <ProgressBar value={share * 100} aria-label={t("files.sending")} className={css["progress"] ?? ""}>
          {({ percentage }) => <span style={{ inlineSize: `${percentage ?? 0}%` }} />}
        </ProgressBar>
      )}
      {wrong && <Note kind="danger">{wrong}</Note>}
      <Answers>
        <Button onPress={cancel}>{t("talk.cancel")}</Button>
        <Button look="main" autoFocus isPending={share !== undefined} onPress={() => void send()}>
          {t("talk.send")}
        </Button>
      </Answers>
    </Dialog>
  );
}
