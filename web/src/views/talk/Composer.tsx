import { Eye, EyeOff, SendHorizontal, SmilePlus, X } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { DialogTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { contentOf, htmlOf, lastOwn } from "../../state/writing.ts";
import { outboxOf } from "../../state/outbox.ts";
import { sayQuiet } from "../../state/typing.ts";
import { useClient } from "../client.ts";
import { Attach } from "../files/Attach.tsx";
import { IconButton } from "../parts/Button.tsx";
import parts from "../parts/parts.module.css";
import { EmojiPicker } from "./EmojiPicker.tsx";
import { Mentions } from "./Mentions.tsx";
import { PurposeLine } from "./PurposeLine.tsx";
import css from "./talk.module.css";
import { useDraft } from "./useDraft.ts";
import { useTalk } from "./useTalk.ts";
import { Words } from "./Words.tsx";

/** Where one writes. Enter sends, Shift and Enter begin a new line, Up edits the last message. */
export function Composer({ room, threadId }: { room: Room; threadId: string | null }) {
  const { t } = useTranslation();
  const client = useClient();
  const { purpose, setPurpose } = useTalk();
  const [draft, setDraft, clear] = useDraft(room, threadId, purpose);
  const [isShown, setShown] = useState(false);
  const [isPicking, setPicking] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const form = useRef<HTMLFormElement>(null);

  function send(event?: FormEvent): void {
    event?.preventDefault();
    if (!draft.text.trim()) return;
    const content = contentOf(draft, purpose);
    clear();
    setPurpose({ kind: "new" });
    setShown(false);
    sayQuiet(client, room.roomId);
    void outboxOf(client).send(room.roomId, threadId, content);
    field.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing || event.defaultPrevented) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && purpose.kind !== "new") {
      setPurpose({ kind: "new" });
    } else if (event.key === "ArrowUp" && !draft.text && purpose.kind === "new") {
      const last = lastOwn(room, room.myUserId);
      if (last) setPurpose({ kind: "edit", of: last });
    }
  }

  const html = isShown ? htmlOf(draft) : undefined;
  return (
    <form ref={form} className={css["composer"]} onSubmit={send}>
      <PurposeLine room={room} purpose={purpose} onEnd={() => setPurpose({ kind: "new" })} />
      {isShown && (
        <div className={css["preview"]} aria-label={t("talk.preview")} role="region">
          <Words body={draft.text} html={html} />
        </div>
      )}
      <Mentions room={room} draft={draft} field={field} onChange={setDraft} />
      <div className={css["write"]}>
        <textarea
          ref={field}
          rows={1}
          aria-label={t("talk.write", { name: room.name })}
          placeholder={t("talk.placeholder")}
          value={draft.text}
          dir="auto"
          autoFocus
          onChange={(event) => setDraft({ ...draft, text: event.target.value })}
          onKeyDown={onKeyDown}
        />
        <Attach room={room} threadId={threadId} within={form} />
        <IconButton
          says={t(isShown ? "talk.preview-off" : "talk.preview-on")}
          isDisabled={!draft.text}
          onPress={() => setShown(!isShown)}
        >
          {isShown ? <EyeOff aria-hidden size={20} /> : <Eye aria-hidden size={20} />}
        </IconButton>
        <DialogTrigger isOpen={isPicking} onOpenChange={setPicking}>
          <IconButton says={t("talk.emoji")}>
            <SmilePlus aria-hidden size={20} />
          </IconButton>
          <Popover className={parts["menu"] ?? ""} placement="top end">
            <EmojiPicker
              onPick={(emoji) => {
                setPicking(false);
                setDraft({ ...draft, text: draft.text + emoji });
                field.current?.focus();
              }}
            />
          </Popover>
        </DialogTrigger>
        {purpose.kind === "edit" && (
          <IconButton says={t("talk.cancel")} onPress={() => setPurpose({ kind: "new" })}>
            <X aria-hidden size={20} />
          </IconButton>
        )}
        <IconButton says={t("talk.send")} onPress={() => send()} isDisabled={!draft.text.trim()}>
          <SendHorizontal aria-hidden size={22} />
        </IconButton>
      </div>
    </form>
  );
}
