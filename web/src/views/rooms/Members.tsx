import { Ellipsis, ShieldCheck } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useState } from "react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { type Companion, promote, type Role } from "../../state/company.ts";
import { useClient } from "../client.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { IconButton } from "../parts/Button.tsx";
import parts from "../parts/parts.module.css";
import { VerifyPerson } from "../safe/VerifyPerson.tsx";
import type { Deed } from "../useDeed.ts";
import css from "./rooms.module.css";

const ROLES: Role[] = ["administrator", "moderator", "member"];

interface Props {
  room: Room;
  company: Companion[];
  run: Deed["run"];
}

/** Who is in a conversation, with roles in plain words. */
export function Members({ room, company, run }: Props) {
  const { t } = useTranslation();
  const [verified, setVerified] = useState<string>();
  return (
    <section aria-label={t("details.people")}>
      <h3>{t("talk.people", { count: company.length })}</h3>
      <ul className={css["members"]}>
        {company.map((one) => (
          <li key={one.userId}>
            <Avatar id={one.userId} name={one.name} mxc={one.mxc} size="small" />
            <span className={css["names"]}>
              <b className={css["name"]}>{one.name}</b>
              <span className={css["preview"]}>
                {one.isInvited ? t("details.invited") : t(`role.${one.role}`)}
              </span>
            </span>
            {one.userId !== room.myUserId && (
              <MemberMenu room={room} one={one} run={run} onVerify={() => setVerified(one.userId)} />
            )}
          </li>
        ))}
      </ul>
      {verified !== undefined && <VerifyPerson userId={verified} />}
    </section>
  );
}

function MemberMenu({
  room,
  one,
  run,
  onVerify,
}: {
  room: Room;
  one: Companion;
  run: Deed["run"];
  onVerify: () => void;
}) {
  const { t } = useTranslation();
  const client = useClient();
  const entry = parts["item"] ?? "";
  return (
    <MenuTrigger>
      <IconButton says={t("details.about", { name: one.name })}>
        <Ellipsis aria-hidden size={18} />
      </IconButton>
      <Popover placement="bottom end">
        <Menu className={parts["menu"] ?? ""} aria-label={t("details.about", { name: one.name })}>
          <MenuItem className={entry} onAction={onVerify}>
            <ShieldCheck aria-hidden size={18} /> {t("details.verify")}
          </MenuItem>
          {one.mayPromote &&
            ROLES.filter((role) => role !== one.role).map((role) => (
              <MenuItem
                key={role}
                className={entry}
                onAction={() => void run(() => promote(client, room, one.userId, role))}
              >
                {t("details.make", { role: t(`role.${role}`) })}
              </MenuItem>
            ))}
          {one.mayRemove && (
            <MenuItem
              className={entry}
              data-kind="danger"
              onAction={() => void run(() => client.kick(room.roomId, one.userId))}
            >
              {t("details.remove")}
            </MenuItem>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
