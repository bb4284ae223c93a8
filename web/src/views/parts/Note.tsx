import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import css from "./parts.module.css";

const ICONS = { info: Info, warn: TriangleAlert, danger: CircleAlert };

/** Something that a person should know, in a box. What is wrong is read out at once. */
export function Note({ kind = "info", children }: { kind?: keyof typeof ICONS; children: ReactNode }) {
  const Icon = ICONS[kind];
  return (
    <div className={css["note"]} data-kind={kind} role={kind === "info" ? "status" : "alert"}>
      <Icon aria-hidden size={20} />
      <div>{children}</div>
    </div>
  );
}
