import { useSyncExternalStore } from "react";

import { type Place, placeOf } from "../platform/place.ts";

let last: { hash: string; place: Place } | undefined;

function now(): Place {
  if (last?.hash !== location.hash) last = { hash: location.hash, place: placeOf(location.hash) };
  return last.place;
}

function listen(changed: () => void): () => void {
  addEventListener("popstate", changed);
  addEventListener("hashchange", changed);
  return () => {
    removeEventListener("popstate", changed);
    removeEventListener("hashchange", changed);
  };
}

/** Where one is; the component is drawn anew when that changes. */
export function usePlace(): Place {
  return useSyncExternalStore(listen, now);
}
