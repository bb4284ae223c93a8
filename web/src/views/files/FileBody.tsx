import { Download, FileText, TriangleAlert } from "lucide-react";
import type { MatrixEvent } from "matrix-js-sdk";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { opensInline, runs } from "../../guard/files.ts";
import { saveBytes } from "../../platform/save.ts";
import { opened, type Sent, sentIn } from "../../state/files.ts";
import { useClient } from "../client.ts";
import { Button } from "../parts/Button.tsx";
import { useBytes } from "../useBytes.ts";
import css from "./files.module.css";

const MOST_BY_ITSELF_BYTES = 20_000_000;

type Shown =
  | { at: "closed" }
  | { at: "opening" }
  | { at: "inline"; kind: "image" | "audio" | "video"; url: string }
  | { at: "outside" }
  | { at: "broken" };

/** A file in a message: shown if it is a picture, a sound or a film; offered to be saved if not. */
export function FileBody({ event }: { event: MatrixEvent }) {
  const { t } = useTranslation();
  const sent = sentIn(event);
  if (!sent) return <p className={css["broken"]}>{t("files.none")}</p>;
  const says = String(event.getContent()["msgtype"]);
  const opensItself = says !== "m.file" && sent.sizeBytes <= MOST_BY_ITSELF_BYTES;
  return <Opened key={sent.file.url} sent={sent} opensItself={opensItself} />;
}

function Opened({ sent, opensItself }: { sent: Sent; opensItself: boolean }) {
  const { t } = useTranslation();
  const client = useClient();
  const [shown, setShown] = useState<Shown>({ at: opensItself ? "opening" : "closed" });

  useEffect(() => {
    if (!opensItself) return undefined;
    let url: string | undefined;
    let isCurrent = true;
    opened(client, sent).then(
      ({ bytes, judged }) => {
        if (!isCurrent) return;
        if (!opensInline(judged)) return setShown({ at: "outside" });
        url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: judged.type }));
        setShown({ at: "inline", kind: judged.kind as "image", url });
      },
      () => isCurrent && setShown({ at: "broken" }),
    );
    return () => {
      isCurrent = false;
      if (url) URL.revokeObjectURL(url);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a file's address is its identity
  }, [client, sent.file.url, opensItself]);

  switch (shown.at) {
    case "broken":
      return <Broken />;
    case "opening":
      return <div className={css["frame"]} style={frameOf(sent)} aria-label={t("files.opening")} />;
    case "inline":
      return <Inline shown={shown} sent={sent} />;
    default:
      return <Line sent={sent} onBroken={() => setShown({ at: "broken" })} />;
  }
}

function Broken() {
  const { t } = useTranslation();
  return (
    <p className={css["broken"]} role="alert">
      <TriangleAlert aria-hidden size={18} /> {t("files.broken")}
    </p>
  );
}

function frameOf({ width, height }: Sent): { aspectRatio: string } | undefined {
  return width && height ? { aspectRatio: `${width} / ${height}` } : undefined;
}

function Inline({ shown, sent }: { shown: Extract<Shown, { at: "inline" }>; sent: Sent }) {
  switch (shown.kind) {
    case "image":
      return <img className={css["frame"]} style={frameOf(sent)} src={shown.url} alt={sent.name} />;
    case "audio":
      return <audio className={css["sound"]} controls src={shown.url} aria-label={sent.name} />;
    case "video":
      return <video className={css["frame"]} controls src={shown.url} aria-label={sent.name} />;
  }
}

function Line({ sent, onBroken }: { sent: Sent; onBroken: () => void }) {
  const { t } = useTranslation();
  const client = useClient();
  const size = useBytes();
  const [isBusy, setBusy] = useState(false);
  const [isProgram, setProgram] = useState(runs(sent.name, { kind: "other", type: "" }));

  async function save(): Promise<void> {
    setBusy(true);
    try {
      const { bytes, judged } = await opened(client, sent);
      setProgram(runs(sent.name, judged));
      saveBytes(sent.name, bytes);
    } catch {
      onBroken();
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className={css["line"]}>
      <FileText aria-hidden size={28} />
      <span>
        <b>{sent.name}</b>
        <span className={css["size"]}>{size(sent.sizeBytes)}</span>
        {isProgram && <span className={css["warn"]}>{t("files.program")}</span>}
      </span>
      <Button isPending={isBusy} onPress={() => void save()} aria-label={t("files.save-name", { name: sent.name })}>
        <Download aria-hidden size={18} /> {t("files.save")}
      </Button>
    </div>
  );
}
