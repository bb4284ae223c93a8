import { Paperclip } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { type RefObject, useEffect, useState } from "react";
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { IconButton } from "../parts/Button.tsx";
import { SendFiles } from "./SendFiles.tsx";

interface Props {
  room: Room;
  threadId: string | null;
  /** Where files are pasted and dropped. */
  within: RefObject<HTMLElement | null>;
}

/** Files to be sent: picked, pasted or dropped. */
export function Attach({ room, threadId, within }: Props) {
  const { t } = useTranslation();
  const [files, setFiles] = useState<File[]>([]);

  useEffect(() => {
    const place = within.current;
    if (!place) return undefined;
    const take = (event: Event, given: DataTransfer | null): void => {
      const found = [...(given?.files ?? [])];
      if (found.length === 0) return;
      event.preventDefault();
      setFiles(found);
    };
    const onPaste = (event: ClipboardEvent): void => take(event, event.clipboardData);
    const onDrop = (event: DragEvent): void => take(event, event.dataTransfer);
    const onOver = (event: DragEvent): void => event.preventDefault();
    place.addEventListener("paste", onPaste);
    place.addEventListener("drop", onDrop);
    place.addEventListener("dragover", onOver);
    return () => {
      place.removeEventListener("paste", onPaste);
      place.removeEventListener("drop", onDrop);
      place.removeEventListener("dragover", onOver);
    };
  }, [within]);

  return (
    <>
      <FileTrigger allowsMultiple onSelect={(chosen) => setFiles([...(chosen ?? [])])}>
        <IconButton says={t("files.attach")}>
          <Paperclip aria-hidden size={20} />
        </IconButton>
      </FileTrigger>
      {files.length > 0 && (
        <SendFiles room={room} threadId={threadId} files={files} onClose={() => setFiles([])} />
      )}
    </>
  );
}
