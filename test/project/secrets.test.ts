import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { resolveSecrets, secretReferences } from "../../src/project/secrets.ts";
import { looksRandom } from "../../src/project/rules/literal-secret.ts";
import { projectFolder } from "./sample.ts";

const canary = "canary/Secret+42 é";

describe("resolveSecrets", () => {
  it("replaces references, keeps the rest, and reads files", async () => {
    const root = await projectFolder();
    await writeFile(path.join(root, "token"), "from-a-file\n");
    const world = { env: { TOKEN: canary }, root, subject: "destination crm" };
    const { resolved } = resolveSecrets(
      { a: "Bearer ${env:TOKEN}", b: "${env:NONE:-spare1}", c: ["${file:token}"], d: 1, e: null },
      world,
    );
    expect(resolved).toEqual({ a: `Bearer ${canary}`, b: "spare1", c: ["from-a-file"], d: 1, e: null });
  });

  it.each([
    ["${env:NONE}", "E334", "the secret ${env:NONE} of destination crm is not set"],
    ["${file:../outside}", "E341", 'the secret file "../outside" of destination crm leads outside the project'],
    ["${cmd:op read}", "E190", "secrets by ${cmd:…} are not in this version of millrace, in destination crm"],
    [
      "${nothing}",
      "E333",
      '"${nothing}" is no secret reference: write ${env:NAME} or ${file:path}, in destination crm',
    ],
  ])("%s is refused", async (text, code, message) => {
    const root = await projectFolder();
    expect(() => resolveSecrets(text, { env: {}, root, subject: "destination crm" })).toThrow(
      expect.objectContaining({ diagnostics: [expect.objectContaining({ code, message })] }),
    );
  });
});

describe("Masker", () => {
  const { masker } = resolveSecrets("${env:S}", { env: { S: canary }, root: "/", subject: "x" });
  it.each([
    ["plain", canary],
    ["JSON", JSON.stringify({ a: canary })],
    ["a quote inside JSON", JSON.stringify(JSON.stringify(canary))],
    ["URL", `https://x.example/?t=${encodeURIComponent(canary)}`],
    ["form", new URLSearchParams({ t: canary }).toString()],
    ["hex", Buffer.from(canary).toString("hex")],
    ["base64", Buffer.from(canary).toString("base64")],
    ["basic authentication", Buffer.from(`user:${canary}`).toString("base64")],
    ["basic authentication, another length", Buffer.from(`me:${canary}`).toString("base64url")],
  ])("masks %s", (_name, text) => {
    const masked = masker.mask(`before ${text} after`);
    expect(masked).toMatch(/^before .*\*{5}.* after$/);
    expect(masked).not.toContain(text);
  });
  it("masks nothing else, and no short values", () => {
    const short = resolveSecrets("${env:S}", { env: { S: "abc" }, root: "/", subject: "x" }).masker;
    expect(short.mask("abcdef abc")).toBe("abcdef abc");
    expect(masker.mask("nothing here")).toBe("nothing here");
  });
});

it("reads references", () => {
  expect(secretReferences("a ${env:A_1:-b} ${file:/run/x} ${")).toEqual([
    { kind: "env", name: "A_1", fallback: "b" },
    { kind: "file", path: "/run/x" },
    { code: "E333", message: "${ is not closed by }" },
  ]);
});

it.each([
  ["k3J9xQ2vB7nM4pL8sD1f", true],
  ["service-account@example.com", false],
  ["aaaaaaaaaaaa1", false],
  ["growth team 2024", false],
  ["0123456789abcdef0123456789abcdef", true],
])("%s looks random: %s", (text, expected) => {
  expect(looksRandom(text)).toBe(expected);
});
