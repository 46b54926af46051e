import { generateKeyPairSync, verify } from "node:crypto";
import { beforeEach, afterEach, expect, it } from "vitest";
import sheets from "../../destinations/google-sheets.ts";
import type { Batch } from "../../src/destination/index.ts";
import { batch, change } from "../destination/change.ts";
import { context, drive, object } from "../destination/drive.ts";
import { type SheetsState, startFakeSheets } from "../fakes/google-sheets.ts";
import type { Fake } from "../fakes/server.ts";

let fake: Fake<SheetsState>;
beforeEach(async () => void (fake = await startFakeSheets("People")));
afterEach(() => fake.close());

async function deliver(sent: Batch) {
  const config = { spreadsheet: "S1", base_url: fake.url, allow_private_network: true };
  // The fake's first token; the engine gets it for itself.
  await fetch(`${fake.url}/token`, { method: "POST", body: new URLSearchParams({ assertion: "a.b.c" }) });
  const ctx = context(sheets, config, { remoteConfig: { sheet: "People", key: "id" } });
  const credentials = { access_token: `token-${fake.state.tokens}` };
  return drive(object(sheets, "record", config).deliver(sent, ctx), { destination: sheets, credentials });
}

it("adds a column that is missing and leaves those alone that it does not know", async () => {
  fake.state.grid.push(["note", "id"], ["mine", "1"]);
  await deliver(batch("add", [change("1", { fields: { name: "Ann" } }), change("2", { fields: { name: "Bob" } })]));
  expect(fake.state.grid).toEqual([
    ["note", "id", "name"],
    ["mine", "1", "Ann"],
    ["", "2", "Bob"],
  ]);
});

it("gives the same sheet when a batch is delivered twice, and takes away what an append left twice", async () => {
  const sent = batch("add", [change("1", { fields: { n: 1 } }), change("2", { fields: { n: 2 } })]);
  for (let times = 0; times < 2; times++) await deliver(sent);
  const once = [
    ["id", "n"],
    ["1", 1],
    ["2", 2],
  ];
  expect(fake.state.grid).toEqual(once);
  fake.state.grid.push(["2", 2], ["9", 9], ["1", 1]);
  await deliver(sent);
  expect(fake.state.grid).toEqual([...once, ["9", 9]]);
});

it("names columns beyond Z", async () => {
  fake.state.grid.push(
    Array.from({ length: 27 }, (_, index) => (index === 0 ? "id" : `c${index}`)),
    ["1"],
  );
  await deliver(batch("add", [change("1", { fields: { c26: "x" } })]));
  expect(fake.requests.at(-1)?.body.data[0].range).toBe("'People'!A2:AA2");
});

it("asks for a token with an assertion that the account's key signed, for an hour", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const { auth } = sheets;
  if (auth.type !== "oauth2") throw new Error("no oauth2");
  // As the key stands in an environment variable copied from Google's JSON.
  const credentials = { client_email: "robot@example.com", private_key: pem.replaceAll("\n", "\\n") };
  const asked = auth.token({ credentials, config: {}, now: 1_000_000 });
  expect(asked?.url).toBe("https://oauth2.googleapis.com/token");
  const [head = "", body = "", signature = ""] = asked?.form["assertion"]?.split(".") ?? [];
  expect(JSON.parse(Buffer.from(body, "base64url").toString())).toEqual({
    iss: "robot@example.com",
    scope: "https://www.googleapis.com/auth/spreadsheets",
    aud: "https://oauth2.googleapis.com/token",
    iat: 1000,
    exp: 4600,
  });
  expect(verify("RSA-SHA256", Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, "base64url"))).toBe(
    true,
  );
});
