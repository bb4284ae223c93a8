import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { Button as Bare, ListBox, ListBoxItem, Tag, TagGroup, TagList } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { find, type Found } from "../../matrix/people.ts";
import { useClient } from "../client.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Field } from "../parts/Field.tsx";
import parts from "../parts/parts.module.css";
import css from "./rooms.module.css";

const PAUSE_MS = 250;

interface Props {
  chosen: Found[];
  onChange: (chosen: Found[]) => void;
}

/** Who is meant: found by name, chosen one after another. */
export function PeoplePicker({ chosen, onChange }: Props) {
  const { t } = useTranslation();
  const client = useClient();
  const [term, setTerm] = useState("");
  const [found, setFound] = useState<{ of: string; people: Found[] }>({ of: "", people: [] });

  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(() => {
      const none = (): Found[] => [];
      void find(client, term)
        .catch(none)
        .then((people) => isCurrent && setFound({ of: term, people }));
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [client, term]);

  const left = found.people.filter((one) => chosen.every((each) => each.userId !== one.userId));
  function take(userId: string): void {
    const one = left.find((each) => each.userId === userId);
    if (one) onChange([...chosen, one]);
    setTerm("");
  }

  return (
    <>
      {chosen.length > 0 && (
        <TagGroup
          aria-label={t("begin.chosen")}
          onRemove={(keys) => onChange(chosen.filter((one) => !keys.has(one.userId)))}
        >
          <TagList className={css["tags"] ?? ""} items={chosen.map((one) => ({ ...one, id: one.userId }))}>
            {(one) => (
              <Tag textValue={one.name} className={css["tag"] ?? ""}>
                {one.name}
                <Bare slot="remove" className={css["untag"] ?? ""} aria-label={t("begin.take-out")}>
                  <X aria-hidden size={14} />
                </Bare>
              </Tag>
            )}
          </TagList>
        </TagGroup>
      )}
      <Field
        label={t("begin.who")}
        hint={t("begin.who-hint")}
        value={term}
        onChange={setTerm}
        autoFocus
        autoComplete="off"
      />
      {term && (
        <ListBox
          aria-label={t("begin.found")}
          className={css["found"] ?? ""}
          items={left.map((one) => ({ ...one, id: one.userId }))}
          selectionMode="none"
          onAction={(key) => take(String(key))}
          renderEmptyState={() => (
            <p className={css["none"]}>{t(found.of === term ? "begin.nobody" : "begin.looking")}</p>
          )}
        >
          {(one) => (
            <ListBoxItem textValue={one.name} className={parts["item"] ?? ""}>
              <Avatar id={one.userId} name={one.name} mxc={one.picture} size="small" />
              <span>
                <b>{one.name}</b> <span className={parts["hint"]}>{one.userId}</span>
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      )}
    </>
  );
}
