import { expect, it } from "vitest";
import { load } from "./sample.ts";

const account = (credentials: string) =>
  `destination: crm\ntype: webhook\nconfig: { url: 'https://crm.example.com/hook' }\ncredentials: ${credentials}\n`;
const fake = (head: string, length: number) => head + "aB3".repeat(length).slice(0, length);

it.each([
  ["a default in credentials", account("{ secret: '${env:S:-hidden}' }"), ["E332"]],
  ["a reference of another kind", account("{ secret: '${cmd:op read}' }"), ["E190"]],
  ["a reference that is none", account("{ secret: '${S}' }"), ["E333"]],
  ["a reference that is not closed", account("{ secret: 'x ${env:S' }"), ["E333"]],
  ["a Slack token anywhere", account(`{ secret: '\${env:S}' }\nlabel: ${fake("xoxb-", 24)}`), ["E330"]],
  ["a GitHub token anywhere", account(`{ secret: '\${env:S}' }\nlabel: ${fake("ghp_", 36)}`), ["E330"]],
  ["a private key anywhere", account("{ secret: '${env:S}' }\nlabel: '-----BEGIN PRIVATE KEY-----'"), ["E330"]],
  ["random text in credentials", account(`{ secret: ${fake("Zq9-x8W7", 20)}v5Kp2 }`), ["E330"]],
  ["a plain word elsewhere", account("{ secret: '${env:S}' }\nlabel: account 2026 of the shop"), []],
])("%s", async (_name, text, expected) => {
  const { diagnostics } = await load({ "destinations/crm.yml": text });
  expect(diagnostics.map(({ code }) => code)).toEqual(expected);
  const said = diagnostics.map(({ message, hint }) => `${message} ${hint}`).join("\n");
  expect(said).not.toContain("aB3aB3");
});
