// @vitest-environment jsdom
import { describe, expect, it } from "vitest";

import { shown } from "./html.ts";

const DANGEROUS =
  /<script|on\w+\s*=|javascript:|<img|<svg|<iframe|<style|style=|<form|<input|<object|<math|srcdoc|<base|<meta|<link|id=|class=/i;

describe("a formatted message", () => {
  it.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='mxc://example.org/abc'>",
    "<svg onload=alert(1)><script>1</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\nscript:alert(1)'>x</a>",
    "<a href='https://example.org' onclick='alert(1)'>x</a>",
    "<iframe src='https://example.org'></iframe>",
    "<style>body{display:none}</style>",
    "<p style='position:fixed;inset:0'>x</p>",
    "<form action='https://example.org'><input name=password></form>",
    "<math><mi//xlink:href='data:x,<script>alert(4)</script>'>",
    "<object data='x'></object><embed src='x'>",
    "<base href='https://example.org/'>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<link rel=stylesheet href='https://example.org/a.css'>",
    "<div id=root class=login>x</div>",
    "<template><script>1</script></template>",
    "<details ontoggle=alert(1) open>x</details>",
  ])("loses what could harm: %s", (html) => {
    expect(shown(html)).not.toMatch(DANGEROUS);
  });

  it("keeps what the specification allows", () => {
    const html = '<p>a <strong>b</strong> <code>c</code></p><ol start="3"><li>d</li></ol>';
    expect(shown(html)).toBe(html);
    expect(shown('<a href="https://example.org/">e</a>')).toContain('href="https://example.org/"');
  });

  it("drops the quoted reply of old clients", () => {
    expect(shown("<mx-reply><blockquote>x</blockquote></mx-reply>y")).toBe("y");
  });
});
