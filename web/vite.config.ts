/** How the client is built: into the server's own folder, compressed, with integrity on everything. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const COMPRESSED = /\.(js|css|html|svg|wasm|webmanifest|json)$/;
const NAMED = /<(script|link)\b[^>]*?(?:src|href)="\/([^"]+\.(?:js|css))"[^>]*>/g;
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** Once all is written, and no plugin changes a byte any more. */
function finished(): Plugin {
  return {
    name: "finished",
    writeBundle({ dir }) {
      if (!dir) return;
      const page = join(dir, "index.html");
      writeFileSync(page, withIntegrity(readFileSync(page, "utf8"), dir));
      for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
        if (COMPRESSED.test(name)) compress(join(dir, name));
      }
    },
  };
}

/** `integrity` on each script and style that the page names. */
function withIntegrity(html: string, dir: string): string {
  return html.replace(NAMED, (tag, _, name: string) => {
    if (tag.includes(" integrity=")) return tag;
    const digest = createHash("sha384").update(readFileSync(join(dir, name))).digest("base64");
    return tag.replace(/\s*\/?>$/, ` integrity="sha384-${digest}">`);
  });
}

/** A `.br` and a `.gz` beside it: the server compresses nothing. */
function compress(path: string): void {
  const content = readFileSync(path);
  writeFileSync(`${path}.br`, brotliCompressSync(content, BROTLI));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}

export default defineConfig({
  plugins: [react(), finished()],
  build: {
    outDir: "../privity/pages",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
  server: { proxy: { "/_matrix": "http://127.0.0.1:8008", "/.well-known": "http://127.0.0.1:8008" } },
});
