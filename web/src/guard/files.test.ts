import { describe, expect, it } from "vitest";

import { judge, opensInline, plainName, runs } from "./files.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe("a file", () => {
  it.each([
    ["\x89PNG\r\n\x1a\n0000", "image", true],
    ["\xff\xd8\xff\xe0 JFIF", "image", true],
    ["RIFF0000WEBPVP8 ", "image", true],
    ["RIFF0000WAVEfmt ", "audio", true],
    ["0000ftypisom", "video", true],
    ["MZ\x90\x00", "program", false],
    ["\x7fELF\x02", "program", false],
    ["#!/bin/sh\nrm", "program", false],
    ["<svg onload=alert(1)>", "other", false],
    ["<!doctype html><script>", "other", false],
    ["  <html>", "other", false],
    ["%PDF-1.7\n", "text", false],
    ["plain words", "text", false],
    ["\x00\x01\x02", "other", false],
    ["", "other", false],
  ])("that begins %j is what its bytes say", (begins, kind, inline) => {
    const judged = judge(bytes(begins));
    expect(judged.kind).toBe(kind);
    expect(opensInline(judged)).toBe(inline);
  });

  it.each([
    ["photo\u202egpj.exe", "photogpj.exe"],
    ["../../etc/passwd", "passwd"],
    ["C:\\a\\Hello.exe", "Hello.exe"],
    ["a\u200bb.txt", "ab.txt"],
    ["", "file"],
  ])("called %j is shown as %j", (name, shown) => {
    expect(plainName(name)).toBe(shown);
  });

  it("that would run is known by its bytes and by its name", () => {
    expect(runs("photo.jpg", judge(bytes("MZ\x90")))).toBe(true);
    expect(runs("photo.jpg\u202e.exe", judge(bytes("words")))).toBe(true);
    expect(runs("photo.jpg", judge(bytes("\xff\xd8\xff")))).toBe(false);
  });
});
