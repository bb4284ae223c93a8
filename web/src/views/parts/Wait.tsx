import css from "./parts.module.css";

/** Something takes a while; `says` what. */
export function Wait({ says }: { says: string }) {
  return (
    <div role="status">
      <div className={css["wait"]} aria-hidden />
      <span className="only-read">{says}</span>
    </div>
  );
}
