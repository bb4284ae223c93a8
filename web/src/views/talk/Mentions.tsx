import type { Room } from "matrix-js-sdk";
import { type RefObject, useEffect, useState } from "react";
import { ListBox, ListBoxItem } from "react-aria-components";
import { useTranslation } from "react-i18next";

import type { Draft } from "../../state/writing.ts";
import { Avatar } from "../parts/Avatar.tsx";
import parts from "../parts/parts.module.css";
import css from "./talk.module.css";

const BEGUN = /(?:^|\s)@([\p{L}\p{N}._-]{0,32})$/u;
const MOST = 6;

interface Props {
  room: Room;
  draft: Draft;
  field: RefObject<HTMLTextAreaElement | null>;
  onChange: (draft: Draft) => void;
}

/** Who could be meant by an `@` that was begun: arrows choose, Enter or Tab takes. */
export function Mentions({ room, draft, field, onChange }: Props) {
  const { t } = useTranslation();
  const [at, setAt] = useState(0);
  const begun = BEGUN.exec(draft.text)?.[1]?.toLowerCase();
  const found = begun === undefined ? [] : matching(room, begun);
  const chosen = found[Math.min(at, found.length - 1)];

  useEffect(() => {
    const area = field.current;
    if (!area || !chosen) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const step = event.key === "ArrowDown" ? 1 : found.length - 1;
        setAt((now) => (now + step) % found.length);
      } else if (event.key === "Enter" || event.key === "Tab") {
        take(chosen.userId);
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    };
    area.addEventListener("keydown", onKey, { capture: true });
    return () => area.removeEventListener("keydown", onKey, { capture: true });
  });

  function take(userId: string): void {
    const name = room.getMember(userId)?.rawDisplayName ?? userId;
    const text = draft.text.replace(/@[\p{L}\p{N}._-]{0,32}$/u, `@${name} `);
    onChange({ text, named: { ...draft.named, [name]: userId } });
    setAt(0);
    field.current?.focus();
  }

  if (found.length === 0) return null;
  return (
    <ListBox
      aria-label={t("talk.mention")}
      className={`${parts["menu"] ?? ""} ${css["mentions"] ?? ""}`}
      selectionMode="single"
      selectedKeys={chosen ? [chosen.userId] : []}
      onAction={(key) => take(String(key))}
      items={found}
    >
      {(member) => (
        <ListBoxItem id={member.userId} textValue={member.name} className={parts["item"] ?? ""}>
          <Avatar id={member.userId} name={member.name} mxc={member.getMxcAvatarUrl()} size="small" />
          {member.name}
        </ListBoxItem>
      )}
    </ListBox>
  );
}

function matching(room: Room, begun: string): ReturnType<Room["getJoinedMembers"]> {
  return room
    .getJoinedMembers()
    .filter(({ userId, name }) => {
      const fits = name.toLowerCase().startsWith(begun) || userId.slice(1).startsWith(begun);
      return fits && userId !== room.myUserId;
    })
    .slice(0, MOST);
}
