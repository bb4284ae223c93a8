import { SendHorizontal } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useClient } from "../client.ts";
import { IconButton } from "../parts/Button.tsx";
import css from "./talk.module.css";

/** Where one writes. Enter sends, Shift and Enter begin a new line. */
export function Composer({ room }: { room: Room }) {
  const { t } = useTranslation();
  const client = useClient();
  const [text, setText] = useState("");

  function send(): void {
    const body = text.trim();
    if (!body) return;
    setText("");
    void client.sendTextMessage(room.roomId, body);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      className={css["composer"]}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        rows={1}
        aria-label={t("talk.write", { name: room.name })}
        placeholder={t("talk.placeholder")}
        value={text}
        dir="auto"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <IconButton says={t("talk.send")} onPress={send} isDisabled={!text.trim()}>
        <SendHorizontal aria-hidden size={22} />
      </IconButton>
    </form>
  );
}
