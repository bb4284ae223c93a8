/** Fails the build when what the first page loads is larger than it may be. */

import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const PAGES = new URL("../../privity/pages/", import.meta.url).pathname;
const MOST_FIRST_KB = 450;

const html = readFileSync(join(PAGES, "index.html"), "utf8");
const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1]);
const sum = (names) => names.reduce((all, name) => all + statSync(join(PAGES, `${name}.gz`)).size, 0);
const firstKb = sum(named) / 1024;
const every = readdirSync(join(PAGES, "assets")).filter((name) => name.endsWith(".js"));
const allKb = sum(every.map((name) => `assets/${name}`)) / 1024;
console.log(`first page: ${firstKb.toFixed(0)} KB of JavaScript (gzip); all of it: ${allKb.toFixed(0)} KB`);
if (firstKb > MOST_FIRST_KB) {
  console.error(`The first page may load ${MOST_FIRST_KB} KB.`);
  process.exit(1);
}
