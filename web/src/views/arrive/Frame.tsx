import type { ReactNode } from "react";

import css from "./arrive.module.css";

/** The page of who is not in yet: the mark, a title, what there is to do. */
export function Frame({ title, says, children }: { title: string; says?: string; children: ReactNode }) {
  return (
    <main className={css["page"]}>
      <div className={css["card"]}>
        <div className={css["head"]}>
          <img src="/mark.svg" alt="Privity" className={css["mark"]} />
          <h1>{title}</h1>
          {says && <p className={css["soft"]}>{says}</p>}
        </div>
        {children}
      </div>
    </main>
  );
}
