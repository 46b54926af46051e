import { describe, expect, it } from "vitest";
import { fitAddress } from "../../src/engine/fit-address.ts";
import { createLimiter } from "../../src/engine/limiter.ts";
import { optionalPackage } from "../../src/engine/optional-package.ts";
import { openWire } from "../../src/engine/open-wire.ts";
import { carryOver, isQuestion, type Wire, type WireEffect, WireFault } from "../../src/engine/wire.ts";
import { virtualClock } from "./virtual-clock.ts";

const write: WireEffect = { sql: [{ text: "INSERT INTO t VALUES ($1)", values: ["x"] }] };
const question: WireEffect = { sql: [{ text: "SELECT 1" }] };
const lasting = { code: "E812", hint: "renew it" };
const lost = new WireFault("no connection with token-canary", false);
const cut = new WireFault("cut off", true);

/** Carries an effect over a wire that answers with these, in order, the last one for ever. */
async function carry(effect: WireEffect, answers: readonly unknown[], more: object = {}) {
  const clock = virtualClock();
  let tries = 0;
  const wire: Wire = {
    async carry() {
      const answer = answers[Math.min(tries++, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    async close() {},
  };
  const carried = await carryOver(wire, effect, {
    ports: { clock, random: { next: () => 0.5, hex: () => "" }, files: {} as never },
    limiter: createLimiter(clock, {}),
    attempts: 3,
    deadlineMs: 60_000,
    once: false,
    signal: new AbortController().signal,
    maySend: () => true,
    hide: (text) => text.replace("token-canary", "*****"),
    onRequest: () => undefined,
    ...more,
  });
  return { carried, tries };
}

describe("the fate of an effect", () => {
  it.each([
    ["an answer", write, ["ok"], { status: "reply", reply: "ok", doubt: false }, 1],
    ["an answer at the second try", write, [lost, "ok"], { status: "reply", reply: "ok", doubt: false }, 2],
    ["an answer after doubt", write, [cut, "ok"], { status: "reply", reply: "ok", doubt: true }, 2],
    ["no doubt about a question", question, [cut, "ok"], { status: "reply", reply: "ok", doubt: false }, 2],
    ["no answer", write, [lost], { status: "unsent", reason: "no connection with *****", doubt: false }, 3],
    [
      "no answer, and doubt",
      write,
      [cut, lost],
      { status: "unsent", reason: "no connection with *****", doubt: true },
      3,
    ],
    [
      "what no other try can help",
      write,
      [new WireFault("no", false, lasting), "ok"],
      { status: "failed", ...lasting, message: "no", doubt: false },
      1,
    ],
  ] as const)("%s", async (_, effect, answers, expected, tries) => {
    expect(await carry(effect, answers)).toEqual({ carried: expected, tries });
  });

  it("is not tried again on doubt where a repeat would harm", async () => {
    expect(await carry(write, [cut, "ok"], { once: true })).toEqual({
      carried: { status: "unsent", reason: "cut off", doubt: true },
      tries: 1,
    });
    expect((await carry(write, [lost, "ok"], { once: true })).tries).toBe(2);
  });

  it("is not begun when the lease is nearly over, or the run was interrupted", async () => {
    expect((await carry(write, ["ok"], { maySend: () => false })).tries).toBe(0);
    expect(await carry(write, ["ok"], { signal: AbortSignal.abort() })).toEqual({
      carried: { status: "unsent", reason: "interrupted", doubt: false },
      tries: 0,
    });
  });

  it("is given up at once when the run is cut off, and is in doubt then", async () => {
    const cutting = new AbortController();
    const never = new Promise<never>(() => setImmediate(() => cutting.abort()));
    expect((await carry(write, [never], { signal: cutting.signal })).carried).toEqual({
      status: "unsent",
      reason: "interrupted",
      doubt: true,
    });
  });

  it("lets bugs through", async () => {
    await expect(carry(write, [new TypeError("a bug")])).rejects.toThrow("a bug");
  });
});

it.each([
  [question, true],
  [{ sql: [{ text: " select 1" }, { text: "DELETE FROM t" }] }, false],
  [write, false],
  [{ sftp: { list: "." } }, true],
  [{ sftp: { write: "a", content: "" } }, false],
] as const)("%j asks only: %s", (effect, expected) => {
  expect(isQuestion(effect)).toBe(expected);
});

describe("where a wire may go", () => {
  const to = (...addresses: string[]) =>
    ((_host: string, done: (error: null, found: readonly { address: string; family: number }[]) => void) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      )) as never;

  it.each([
    ["db.example.com", false, ["93.184.216.34"], "93.184.216.34"],
    ["db.example.com", false, ["10.0.0.1", "93.184.216.34"], "93.184.216.34"],
    ["db.example.com", true, ["10.0.0.1"], "10.0.0.1"],
    ["127.0.0.1", true, [], "127.0.0.1"],
    ["93.184.216.34", false, [], "93.184.216.34"],
  ])("%s, private allowed: %s, leads to %j: %s", async (host, allowed, addresses, expected) => {
    expect(await fitAddress(host, allowed, to(...addresses))).toBe(expected);
  });

  it.each([
    ["db.example.com", false, ["10.0.0.1"]],
    ["db.example.com", false, ["::ffff:127.0.0.1"]],
    ["127.0.0.1", false, []],
    ["metadata.example.com", true, ["169.254.169.254"]],
  ])("not to %s, private allowed: %s, that leads to %j", async (host, allowed, addresses) => {
    await expect(fitAddress(host, allowed, to(...addresses))).rejects.toMatchObject({ lasting: { code: "E816" } });
  });

  it("not unencrypted over a public network", async () => {
    const config = { host: "93.184.216.34", database: "d", ssl: false };
    const wire = openWire({ effects: ["sql"] }, config, { user: "u", password: "p" });
    await expect(wire?.carry(question)).rejects.toMatchObject({ lasting: { code: "E816" }, applied: false });
  });
});

it("names the line that installs a package that is not there", async () => {
  const absent = optionalPackage("millrace-absent", () => import("millrace-absent" as string));
  await expect(absent).rejects.toMatchObject({
    message: "the package millrace-absent is not installed",
    lasting: { code: "E830", hint: "`npm install millrace-absent` beside millrace" },
  });
  await expect(optionalPackage("x", () => Promise.reject(new Error("its own bug")))).rejects.toThrow("its own bug");
});

it.each(["sql", "sftp"] as const)(
  "names the settings that code with the effect %s does not declare",
  async (effect) => {
    const wire = openWire({ effects: [effect] }, { host: "a.example.com" }, {});
    await expect(wire?.carry(question)).rejects.toMatchObject({
      message: expect.stringContaining("user"),
      lasting: { code: "E817" },
    });
  },
);

it("opens no wire for what speaks HTTP", () => {
  expect(openWire({ effects: ["http", "file"] }, {}, {})).toBeUndefined();
});
