import { type ChangeEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { setPicture } from "../../matrix/profile.ts";
import { useClient } from "../client.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Button } from "../parts/Button.tsx";
import { Field } from "../parts/Field.tsx";
import { Note } from "../parts/Note.tsx";
import { useDeed } from "../useDeed.ts";
import { Part } from "./Part.tsx";
import css from "./settings.module.css";

/** What others see of oneself: a name and a picture. */
export function Profile() {
  const { t } = useTranslation();
  const client = useClient();
  const userId = client.getUserId() ?? "";
  const user = client.getUser(userId);
  const [name, setName] = useState(user?.displayName ?? "");
  const [mxc, setMxc] = useState(user?.avatarUrl);
  const [isSaved, setSaved] = useState(false);
  const { isBusy, wrong, run } = useDeed();

  async function save(): Promise<void> {
    setSaved(await run(() => client.setDisplayName(name.trim())));
  }

  async function onPicture(event: ChangeEvent<HTMLInputElement>): Promise<void> {
    const file = event.target.files?.[0];
    if (file) await run(async () => setMxc(await setPicture(client, file)));
  }

  return (
    <Part title={t("settings.profile")} says={t("settings.profile-says")}>
      <div className={css["picture"]}>
        <Avatar id={userId} name={name || userId} mxc={mxc} size="large" />
        <label className={css["file"]}>
          {t("settings.picture")}
          <input
            type="file"
            accept="image/png,image/jpeg,image/webp"
            onChange={(event) => void onPicture(event)}
          />
        </label>
      </div>
      <Field label={t("settings.name")} hint={userId} value={name} onChange={setName} maxLength={100} />
      {wrong && <Note kind="danger">{wrong}</Note>}
      {isSaved && <Note>{t("settings.saved")}</Note>}
      <Button look="main" isPending={isBusy} isDisabled={!name.trim()} onPress={() => void save()}>
        {t("settings.save")}
      </Button>
    </Part>
  );
}
