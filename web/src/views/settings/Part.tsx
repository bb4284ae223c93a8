import type { ReactNode } from "react";

import css from "./settings.module.css";

/** A part of a page of the settings, under its title. */
export function Part({ title, says, children }: { title: string; says?: string; children: ReactNode }) {
  return (
    <section className={css["part"]}>
      <h2>{title}</h2>
      {says && <p className={css["says"]}>{says}</p>}
      {children}
    </section>
  );
}
