import { ToggleButton, Tooltip, TooltipTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { react } from "../../state/acts.ts";
import type { Item } from "../../state/items.ts";
import { useClient } from "../client.ts";
import parts from "../parts/parts.module.css";
import css from "./talk.module.css";

/** How people reacted; pressed, one's own is given or taken back. */
export function Reactions({ item }: { item: Extract<Item, { kind: "text" | "file" }> }) {
  const { t } = useTranslation();
  const client = useClient();
  if (item.reactions.length === 0) return null;
  return (
    <div className={css["reactions"]} role="group" aria-label={t("talk.reactions")}>
      {item.reactions.map(({ key, count, names, ownId }) => (
        <TooltipTrigger key={key} delay={500}>
          <ToggleButton
            className={css["reaction"] ?? ""}
            isSelected={ownId !== undefined}
            aria-label={t("talk.reaction", { key, count })}
            onChange={() => void react(client, item, key)}
          >
            <span>{key}</span> {count}
          </ToggleButton>
          <Tooltip className={parts["menu"] ?? ""}>
            <span className={parts["hint"]}>
              {[...(ownId ? [t("talk.you")] : []), ...names].join(", ")}
            </span>
          </Tooltip>
        </TooltipTrigger>
      ))}
    </div>
  );
}
