import { letterOf, shadeOf } from "./standIn.ts";
import css from "./parts.module.css";

interface Props {
  /** By what its colour is chosen: an id, which does not change. */
  id: string;
  name: string;
  /** An address within this page (`blob:`), or none. */
  src?: string | undefined;
  size?: "small" | "middle" | "large";
}

/** A person's or a room's picture, or their first letter. It says nothing to a screen reader. */
export function Avatar({ id, name, src, size = "middle" }: Props) {
  return (
    <span aria-hidden className={css["avatar"]} data-size={size} data-shade={shadeOf(id)}>
      {src ? <img src={src} alt="" /> : letterOf(name)}
    </span>
  );
}
