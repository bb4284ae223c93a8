import { useEffect, useState } from "react";

import { pictureOf } from "../../state/pictures.ts";
import { useClient } from "../client.ts";
import css from "./parts.module.css";
import { letterOf, shadeOf } from "./standIn.ts";

interface Props {
  /** By what its colour is chosen: an id, which does not change. */
  id: string;
  name: string;
  /** The picture's `mxc:` address, or none. */
  mxc?: string | undefined;
  size?: "small" | "middle" | "large";
}

/** A person's or a room's picture, or their first letter. It says nothing to a screen reader. */
export function Avatar({ id, name, mxc, size = "middle" }: Props) {
  const src = usePicture(mxc);
  return (
    <span aria-hidden className={css["avatar"]} data-size={size} data-shade={shadeOf(id)}>
      {src ? <img src={src} alt="" /> : letterOf(name)}
    </span>
  );
}

function usePicture(mxc: string | undefined): string | undefined {
  const client = useClient();
  const [found, setFound] = useState<{ mxc: string; src: string | undefined }>();
  useEffect(() => {
    let isCurrent = true;
    if (mxc) {
      void pictureOf(client, mxc).then((src) => isCurrent && setFound({ mxc, src }));
    }
    return () => {
      isCurrent = false;
    };
  }, [client, mxc]);
  return mxc && found?.mxc === mxc ? found.src : undefined;
}
