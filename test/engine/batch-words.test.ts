import { describe, expect, it } from "vitest";
import { BatchWords, type SpokenOf } from "../../src/engine/batch-words.ts";
import type { Change } from "../../src/destination/index.ts";

const change = (key: Change["key"], identifiers: object, fields: object = {}): SpokenOf => ({
  change: { op: "add", key, identifiers, fields, idempotencyKey: "" } as Change,
});
const ada = change(100231, { email: "ada@example.com" }, { name: "Ada Lund", city: "Lyon", tags: ["vip-gold"] });
const bo = change(["x-17", 2], { phone: "+33612345678" }, { name: "Bo", nested: { note: "Kai Émile" } });
const batch = new BatchWords([ada, bo]);

describe("words of a batch", () => {
  it.each([
    ["duplicate of Ada Lund", "duplicate of <value>"],
    ["duplicate of ADA LUND, or of kai émile!", "duplicate of <value>, or of <value>!"],
    ["lyon: not a city; LYON/vip-gold", "<value>: not a city; <value>/<value>"],
    // Inside another word it is another word.
    ["Lyonnaise is no city", "Lyonnaise is no city"],
    ["record 100231 and record x-17 are one", "record <value> and record <value> are one"],
    // Two letters are in every sentence, and so are the digits of a status.
    ["Bo: HTTP 400", "Bo: HTTP 400"],
    ["ada@example.com clashes with cy@example.com", "<value> clashes with <email>"],
    ["", ""],
  ])("%j", (message, words) => {
    expect(batch.without(message)).toBe(words);
  });

  it("takes the row's own texts out of any place, and those of lines that SQL built", () => {
    const line = JSON.stringify({ key: "k-1", identifiers: {}, fields: { name: "Gil" } });
    const item = { ...change(null, {}), line };
    const built = new BatchWords([item, ada]);
    expect(built.without("Gilbert, not Ada Lund", item)).toBe("<value>bert, not <value>");
    expect(built.without("Gilbert, not Ada Lund")).toBe("Gilbert, not <value>");
  });

  it("masks the longest text where one begins another", () => {
    const both = new BatchWords([change(null, {}, { name: "Ana" }), change(null, {}, { name: "Ana Bel" })]);
    expect(both.without("ana bel, ana, ana belle")).toBe("<value>, <value>, <value> belle");
  });

  it("reads no row while the platform says nothing", () => {
    const trap = { change: new Proxy({} as Change, { get: () => expect.unreachable("a row was read") }) };
    expect(new BatchWords([trap]).without("")).toBe("");
  });
});
