import { LogOut, Settings as Gear } from "lucide-react";
import { useState } from "react";
import { Button as Bare, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { go } from "../../platform/place.ts";
import { logOut } from "../../state/session.ts";
import { useClient } from "../client.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Button } from "../parts/Button.tsx";
import { Answers, Dialog } from "../parts/Dialog.tsx";
import parts from "../parts/parts.module.css";
import css from "./rooms.module.css";

/** Oneself: the way to the settings, and out. */
export function Me() {
  const { t } = useTranslation();
  const client = useClient();
  const [isLeaving, setLeaving] = useState(false);
  const userId = client.getUserId() ?? "";
  const user = client.getUser(userId);
  const name = user?.displayName ?? userId;
  const entry = parts["item"] ?? "";
  return (
    <>
      <MenuTrigger>
        <Bare className={css["me"] ?? ""} aria-label={t("me.menu", { name })}>
          <Avatar id={userId} name={name} mxc={user?.avatarUrl} size="small" />
        </Bare>
        <Popover placement="bottom start">
          <Menu className={parts["menu"] ?? ""} aria-label={t("me.menu", { name })}>
            <MenuItem className={entry} onAction={() => go({ at: "settings", page: "" })}>
              <Gear aria-hidden size={18} /> {t("me.settings")}
            </MenuItem>
            <MenuItem className={entry} data-kind="danger" onAction={() => setLeaving(true)}>
              <LogOut aria-hidden size={18} /> {t("me.log-out")}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      {isLeaving && (
        <Dialog title={t("me.log-out-title")} onClose={() => setLeaving(false)}>
          <p>{t("me.log-out-says")}</p>
          <Answers>
            <Button onPress={() => setLeaving(false)}>{t("talk.cancel")}</Button>
            <Button look="danger" onPress={() => void logOut()}>
              {t("me.log-out")}
            </Button>
          </Answers>
        </Dialog>
      )}
    </>
  );
}
