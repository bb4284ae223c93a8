import * as Aria from "react-aria-components";

import css from "./parts.module.css";

type Look = "main" | "quiet" | "bare" | "danger";

/** A button with words. `main`: what most people came for, one on a page. */
export function Button({ look = "quiet", ...rest }: Aria.ButtonProps & { look?: Look }) {
  return <Aria.Button {...rest} className={`${css["button"]} ${css[look] ?? ""}`} />;
}

/** A button that is an icon: `says` is its name for who cannot see it, and its tip. */
export function IconButton({ says, ...rest }: Aria.ButtonProps & { says: string }) {
  return (
    <Aria.TooltipTrigger delay={600}>
      <Aria.Button {...rest} aria-label={says} className={`${css["button"]} ${css["icon"]}`} />
      <Aria.Tooltip className={css["menu"] ?? ""} offset={6}>
        <span className={css["hint"]}>{says}</span>
      </Aria.Tooltip>
    </Aria.TooltipTrigger>
  );
}
