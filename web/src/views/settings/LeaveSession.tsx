import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";

import { safety } from "../../state/safety.ts";
import { logOut } from "../../state/session.ts";
import { Button } from "../parts/Button.tsx";
import { Answers, Dialog } from "../parts/Dialog.tsx";
import { Note } from "../parts/Note.tsx";

/** Log out, here or everywhere: what goes, before it goes. */
export function LeaveSession({ everywhere, onClose }: { everywhere: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const [isBusy, setBusy] = useState(false);
  const needsKey = useStore(safety, (now) => now.at === "confirmed" && now.needsRecoveryKey);
  return (
    <Dialog
      title={t(everywhere ? "sessions.leave-everywhere" : "sessions.leave")}
      onClose={onClose}
    >
      <p>{t(everywhere ? "sessions.leave-everywhere-says" : "sessions.leave-says")}</p>
      {needsKey && (
        <Note kind="danger">
          {t(everywhere ? "sessions.leave-everywhere-no-key" : "sessions.leave-no-key")}
        </Note>
      )}
      <Answers>
        <Button look="bare" onPress={onClose}>
          {t("sessions.cancel")}
        </Button>
        <Button
          look="danger"
          isPending={isBusy}
          onPress={() => {
            setBusy(true);
            void logOut({ everywhere });
          }}
        >
          {t(everywhere ? "sessions.leave-everywhere" : "sessions.leave")}
        </Button>
      </Answers>
    </Dialog>
  );
}
