import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { codes } from "../../src/project/codes.ts";

const root = path.join(import.meta.dirname, "../..");
const folder = path.join(root, "src");
const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && !/project\/codes(-\w+)?\.ts$/.test(file),
);

it("has a long text for every code and guard that anything can report", () => {
  const used = new Set(
    sources.flatMap(
      (file) => readFileSync(path.join(folder, file), "utf8").match(/(?<=")([EW]\d{3}|G\d{1,2})(?=")/g) ?? [],
    ),
  );
  expect(used.size).toBeGreaterThan(40);
  expect([...used].filter((code) => codes[code] === undefined)).toEqual([]);
});

it("says what, why and how in whole sentences", () => {
  for (const [code, { title, text }] of Object.entries(codes)) {
    expect(code).toMatch(/^[EWGR]\d+$/);
    expect(title.length).toBeGreaterThan(3);
    expect(text).toMatch(/[.)]$/);
  }
});
