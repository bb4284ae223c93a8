/** The names of emoji, from the build: no other server is asked. Loaded when a picker is opened. */

import type { EmojiData } from "frimousse";

type Names = [typeof import("emojibase-data/en/data.json"), typeof import("emojibase-data/en/messages.json")];

const COMPONENT = 2; // skin tones and the like: none to be sent by itself

/** As the picker takes it. */
export async function emojiData(locale: "en" | "zh"): Promise<EmojiData> {
  const [{ default: all }, { default: messages }] = (await (locale === "zh"
    ? Promise.all([import("emojibase-data/zh/data.json"), import("emojibase-data/zh/messages.json")])
    : Promise.all([
        import("emojibase-data/en/data.json"),
        import("emojibase-data/en/messages.json"),
      ]))) as unknown as Names;
  return {
    locale,
    emojis: all.flatMap((each) =>
      each.group === undefined || each.group === COMPONENT
        ? []
        : [
            {
              emoji: each.emoji,
              category: each.group,
              label: each.label,
              version: each.version,
              tags: each.tags ?? [],
            },
          ],
    ),
    categories: messages.groups
      .filter((group) => group.order !== COMPONENT)
      .map((group) => ({ index: group.order, label: group.message })),
    skinTones: {
      light: messages.skinTones[0]?.message ?? "",
      "medium-light": messages.skinTones[1]?.message ?? "",
      medium: messages.skinTones[2]?.message ?? "",
      "medium-dark": messages.skinTones[3]?.message ?? "",
      dark: messages.skinTones[4]?.message ?? "",
    },
  };
}
