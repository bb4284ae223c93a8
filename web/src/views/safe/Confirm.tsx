import { KeyRound, MonitorSmartphone } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button as Plain } from "react-aria-components";
import { useTranslation } from "react-i18next";

import { type Refusal, whyOf } from "../../matrix/refusals.ts";
import { compareOwn } from "../../state/comparing.ts";
import { logOut } from "../../state/session.ts";
import { Frame } from "../arrive/Frame.tsx";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { Answers } from "../parts/Dialog.tsx";
import { Note } from "../parts/Note.tsx";
import { useRefusal } from "../useRefusal.ts";
import css from "./safe.module.css";
import { StartAnew } from "./StartAnew.tsx";
import { TypeRecoveryKey } from "./TypeRecoveryKey.tsx";

type Way = "none" | "key" | "nothing";

/** A session that is new to its account: the ways to show that it is its owner's. */
export function Confirm({ onLater }: { onLater: () => void }) {
  const { t } = useTranslation();
  const client = useClient();
  const says = useRefusal();
  const [way, setWay] = useState<Way>("none");
  const [refusal, setRefusal] = useState<Refusal>();
  const back = (): void => setWay("none");
  if (way === "key") return <TypeRecoveryKey onBack={back} />;
  if (way === "nothing") return <StartAnew onBack={back} />;
  const name = client.getSafeUserId().slice(1).split(":")[0];
  return (
    <Frame title={t("safe.confirm.title")} says={t("safe.confirm.says", { name })}>
      {refusal && <Note kind="danger">{says(refusal)}</Note>}
      <div className={css["stack"]}>
        <Choice
          icon={<MonitorSmartphone aria-hidden size={24} />}
          title={t("safe.confirm.with-device")}
          says={t("safe.confirm.with-device-says")}
          onPress={() => void compareOwn(client).catch((error: unknown) => setRefusal(whyOf(error)))}
        />
        <Choice
          icon={<KeyRound aria-hidden size={24} />}
          title={t("safe.confirm.with-key")}
          says={t("safe.confirm.with-key-says")}
          onPress={() => setWay("key")}
        />
        <Button look="bare" onPress={() => setWay("nothing")}>
          {t("safe.confirm.with-nothing")}
        </Button>
      </div>
      <Answers>
        <Button look="bare" onPress={() => void logOut()}>
          {t("safe.confirm.log-out")}
        </Button>
        <Button look="bare" onPress={onLater}>
          {t("safe.confirm.later")}
        </Button>
      </Answers>
    </Frame>
  );
}

interface ChoiceProps {
  icon: ReactNode;
  title: string;
  says: string;
  onPress: () => void;
}

function Choice({ icon, title, says, onPress }: ChoiceProps) {
  return (
    <Plain className={css["choice"] ?? ""} onPress={onPress}>
      {icon}
      <span>
        <b>{title}</b>
        <span className={css["soft"]}>{says}</span>
      </span>
    </Plain>
  );
}
