import { EmojiPicker as Picker, type EmojiData } from "frimousse";
import { useTranslation } from "react-i18next";

import css from "./emoji.module.css";

/** Emoji to choose from; their names come with this page, from no other server. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { t, i18n } = useTranslation();
  const locale = i18n.language.startsWith("zh") ? "zh" : "en";
  return (
    <Picker.Root
      className={css["picker"]}
      columns={8}
      locale={locale}
      resolveEmojiData={() => load(locale)}
      onEmojiSelect={({ emoji }) => onPick(emoji)}
    >
      <Picker.Search className={css["search"]} placeholder={t("emoji.search")} autoFocus />
      <Picker.Viewport className={css["view"]}>
        <Picker.Loading className={css["none"]}>{t("emoji.loading")}</Picker.Loading>
        <Picker.Empty className={css["none"]}>{t("emoji.none")}</Picker.Empty>
        <Picker.List
          components={{
            CategoryHeader: ({ category, ...props }) => (
              <div {...props} className={css["category"]}>
                {category.label}
              </div>
            ),
            Row: ({ children, ...props }) => (
              <div {...props} className={css["row"]}>
                {children}
              </div>
            ),
            Emoji: ({ emoji, ...props }) => (
              <button {...props} type="button" className={css["emoji"]} aria-label={emoji.label}>
                {emoji.emoji}
              </button>
            ),
          }}
        />
      </Picker.Viewport>
    </Picker.Root>
  );
}

async function load(locale: "en" | "zh"): Promise<EmojiData> {
  const { emojiData } = await import("../../platform/emoji.ts");
  return emojiData(locale);
}
