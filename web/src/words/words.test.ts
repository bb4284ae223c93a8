import { describe, expect, it } from "vitest";

import en from "./en/index.ts";
import zh from "./zh-Hans/index.ts";

function flat(words: object, path = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null
      ? flat(value, `${path}${key}.`)
      : [[`${path}${key}`, String(value)] as [string, string]],
  );
}

const placeholders = (text: string): string[] => (text.match(/{{\w+}}/g) ?? []).sort();

describe("the words of the client", () => {
  const english = new Map(flat(en));
  const chinese = new Map(flat(zh));

  it("are all there in both languages", () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("name the same things in both", () => {
    const other = [...english].filter(
      ([key, text]) =>
        !key.endsWith("_one") &&
        placeholders(text).join() !== placeholders(chinese.get(key) ?? "").join(),
    );
    expect(other).toEqual([]);
  });

  it("are nowhere empty", () => {
    expect([...english, ...chinese].filter(([, text]) => !text.trim())).toEqual([]);
  });
});
