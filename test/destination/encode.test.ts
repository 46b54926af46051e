import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { encodeFields, encodeIdentifier, encodeValue } from "../../src/destination/encode.ts";
import * as kit from "../../src/destination/index.ts";

const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
const hashed = kit.email({ hash: "sha256" });

describe("encodeValue", () => {
  it.each([
    [hashed, " A@Example.com ", {}, sha("a@example.com")],
    [hashed, "", {}, null],
    [hashed, "no address", {}, null],
    [hashed, null, {}, null],
    [hashed, sha("x").toUpperCase(), { hashed: true }, sha("x")],
    [hashed, "a@example.com", { hashed: true }, null],
    // A hash that was not declared is a malformed address, not passed on.
    [hashed, sha("x"), {}, null],
    [kit.exact(), 42, {}, "42"],
    [kit.exact(), ["a"], {}, null],
    [kit.phoneE164(), "06 12 34 56 78", { defaultCountry: "FR" }, "+33612345678"],
    [kit.email(), sha("x"), { hashed: true }, null],
    [kit.email({ hash: "sha256_base64" }), sha("x"), { hashed: true }, Buffer.from(sha("x"), "hex").toString("base64")],
    [kit.email({ hash: "md5" }), "A@example.com", {}, createHash("md5").update("a@example.com").digest("hex")],
  ] as const)("%o %j %j", (identifier, raw, options, expected) => {
    expect(encodeValue(identifier, raw, options)).toBe(expected);
  });

  it("never hashes an empty normal form", () => {
    expect(encodeValue({ ...hashed, normalize: () => "" }, "anything")).toBeNull();
  });

  it("gives the ledger the normaliser's version", () => {
    expect(encodeIdentifier({ ...kit.exact(), version: 7 }, "u1")).toEqual({ value: "u1", version: 7 });
    expect(encodeIdentifier(kit.exact(), " ")).toBeNull();
  });
});

describe("encodeFields", () => {
  const fields = {
    name: kit.text({ max: 3 }),
    tags: kit.text({ joined: ";" }),
    level: kit.number({ min: 0 }),
    vip: kit.boolean(),
    born: kit.dateField(),
  };
  const encode = (row: Record<string, kit.Json>, nulls?: "omit" | "clear") => encodeFields({ fields }, row, nulls);

  it.each([
    [
      { name: "ann", level: "12.5", vip: 1, born: "1990-01-02T23:00:00+01:00" },
      { fields: { name: "ann", level: 12.5, vip: true, born: "1990-01-02" } },
    ],
    [{ name: null }, { fields: {} }],
    [{ tags: ["a", 2, true] }, { fields: { tags: "a;2;true" } }],
    [{ tags: true }, { fields: { tags: "true" } }],
    [{ name: "anna" }, { reject: { code: "invalid_field", message: "name: longer than 3 characters" } }],
    [{ level: -1 }, { reject: { code: "invalid_field", message: "level: outside 0 to Infinity" } }],
    [{ level: "ten" }, { reject: { code: "invalid_field", message: "level: not a number" } }],
    [{ vip: "maybe" }, { reject: { code: "invalid_field", message: "vip: neither true nor false" } }],
    [{ born: "soon" }, { reject: { code: "invalid_field", message: "born: not a date" } }],
    [{ constructor: "x" }, { reject: { code: "unknown_field", message: "the object has no field constructor" } }],
  ] as readonly (readonly [Record<string, kit.Json>, object])[])("%j", (row, expected) => {
    expect(encode(row)).toEqual(expected);
  });

  it("sends NULL as null only when the sync clears", () => {
    expect(encode({ name: null }, "clear")).toEqual({ fields: { name: null } });
  });

  it("refuses a row without a required field", () => {
    const object = { fields: { name: kit.text({ required: true }) } };
    const missing = { reject: { code: "missing_field", message: "name: required, but NULL or not mapped" } };
    expect(encodeFields(object, {})).toEqual(missing);
    expect(encodeFields(object, { name: null }, "clear")).toEqual(missing);
  });

  it("lets nothing reach a prototype", () => {
    const row = JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, kit.Json>;
    expect(encodeFields({ fields: {}, openFields: kit.anyValue() }, row)).toMatchObject({
      reject: { code: "unknown_field" },
    });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("drops a matching field that can match nobody, and keeps the row", () => {
    const gender = kit.hashedField(kit.normalizeGender);
    expect(encodeFields({ fields: { gender } }, { gender: "unsaid" })).toEqual({ fields: {} });
    expect(encodeFields({ fields: { gender } }, { gender: "Female" })).toEqual({ fields: { gender: sha("f") } });
  });
});
