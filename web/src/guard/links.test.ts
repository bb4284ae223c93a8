import { describe, expect, it } from "vitest";

import { judge } from "./links.ts";

describe("a link in a message", () => {
  it.each([
    ["https://example.org/a", "https://example.org/a", "open"],
    ["https://example.org/a", "the minutes", "open"],
    ["mailto:ann@example.org", "ann", "open"],
    ["https://evil.example/", "https://bank.example/login", "ask"],
    ["https://evil.example/", "bank.example", "ask"],
    ["https://xn--80ak6aa92e.com/", "apple", "ask"],
    ["https://аррӏе.com/", "https://аррӏе.com/", "ask"],
    ["https://user:pass@evil.example/", "https://bank.example", "ask"],
    ["javascript:alert(1)", "here", "nowhere"],
    ["JaVaScRiPt:alert(1)", "here", "nowhere"],
    ["data:text/html,<script>1</script>", "here", "nowhere"],
    ["vbscript:x", "here", "nowhere"],
    ["file:///etc/passwd", "here", "nowhere"],
    ["/relative", "here", "nowhere"],
    ["matrix:u/ann:example.org", "Ann", "person"],
    ["https://matrix.to/#/@ann:example.org", "Ann", "person"],
    ["https://matrix.to/#/%40ann%3Aexample.org", "Ann", "person"],
    ["https://matrix.to/#/%E0%A4%A", "Ann", "nowhere"],
    ["matrix:roomid/abc:example.org", "room", "room"],
    ["https://matrix.to/#/!abc:example.org", "room", "room"],
    ["matrix:x/y", "here", "nowhere"],
  ])("%s that says %s", (href, words, kind) => {
    expect(judge(href, words).kind).toBe(kind);
  });

  it("shows the host that it truly leads to", () => {
    expect(judge("https://bank.example.evil.example/", "bank.example")).toMatchObject({
      host: "bank.example.evil.example",
      because: "other-host",
    });
  });
});
