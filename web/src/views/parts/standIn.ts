/** What stands for somebody who has no picture. */

const SHADES = 8;

/** One of the shades, always the same for an id. */
export function shadeOf(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return sum % SHADES;
}

/** The first letter of a name, whatever it is written in. */
export function letterOf(name: string): string {
  const plain = name.replace(/^[@#!\s]+/u, "");
  const [first] = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(plain);
  return (first?.segment ?? "?").toLocaleUpperCase();
}
