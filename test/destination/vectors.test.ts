import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { encodeFields, encodeValue } from "../../src/destination/encode.ts";
import * as kit from "../../src/destination/index.ts";
import { builtInTypes, loadBuiltIn } from "../../src/project/destinations.ts";

interface Vector {
  readonly destination: string;
  readonly field: string;
  readonly input: string;
  readonly normalised: string;
  readonly sha256: string | null;
  readonly md5?: string;
  readonly signature?: string;
}

const file = join(process.env["MILLRACE_SHARED"] ?? "../shared", "facts/hash_vectors.json");
const aliases = parse(readFileSync("test/facts/aliases.yml", "utf8"));
const vectors: readonly Vector[] = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
const destinations = new Map(
  await Promise.all(builtInTypes().map(async (type) => [type, await loadBuiltIn(type)] as const)),
);

type Rule = (raw: string, options: kit.IdentifierOptions) => string | null;

const optionsOf = ({ input }: Vector): kit.IdentifierOptions => {
  const defaultCountry = aliases.default_country[input];
  return defaultCountry === undefined ? {} : { defaultCountry };
};

function ruleOf({ destination, field, input }: Vector): Rule {
  const name: string = aliases.by_input[destination]?.[input] ?? aliases.rules[destination]?.[field];
  if (name === "phoneOfSnapchat") return (raw, options) => kit.normalizePhoneDigits(raw, options, "drop");
  return (kit as unknown as Record<string, Rule>)[name] as Rule;
}

/** What the destination's object would send for the input. */
function sentFor(vector: Vector): unknown {
  const { type, object, ...names } = aliases.sent[vector.destination];
  const spec = destinations.get(type)?.objects[object];
  const name: string = names[vector.field];
  const identifier = spec?.identifiers[name];
  if (identifier !== undefined) return encodeValue(identifier, vector.input, optionsOf(vector));
  const encoded = spec?.fields[name]?.encode(vector.input);
  return encoded !== undefined && "value" in encoded ? encoded.value : encoded;
}

const isSent = ({ destination, field }: Vector): boolean => aliases.sent[destination]?.[field] !== undefined;

describe.skipIf(vectors.length === 0)("published normalisation and hash vectors", () => {
  it.each(vectors.filter(isSent))("$destination $field as sent: $input", (vector) => {
    expect(sentFor(vector)).toBe(vector.sha256 ?? vector.normalised);
  });

  const ruled = vectors.filter((vector) => !isSent(vector) && vector.destination !== "standard_webhooks");
  it.each(ruled)("$destination $field: $input", (vector) => {
    const normal = ruleOf(vector)(vector.input, optionsOf(vector));
    expect(normal).toBe(vector.normalised);
    if (vector.sha256 !== null) expect(kit.digest("sha256", normal ?? "")).toBe(vector.sha256);
    if (vector.md5 !== undefined) expect(kit.digest("md5", normal ?? "")).toBe(vector.md5);
  });

  it("takes a field of a row as it takes the vector", () => {
    const audience = destinations.get("meta")?.objects["audience"];
    const vector = vectors.find(({ destination, field }) => destination === "meta" && field === "CT");
    expect(encodeFields(audience!, { ct: vector!.input })).toEqual({ fields: { ct: vector!.sha256 } });
  });

  it("signs as Standard Webhooks publishes", () => {
    const vector = vectors.find(({ destination }) => destination === "standard_webhooks")!;
    const [, secret = "", id = "", timestamp = "", body = ""] =
      /^secret=(\S+) id=(\S+) timestamp=(\d+) body=(.*)$/.exec(vector.input) ?? [];
    expect(kit.standardWebhook(secret, { id, body, timestamp: Number(timestamp) })["webhook-signature"]).toBe(
      vector.signature,
    );
  });

  it("gives The Trade Desk the base64 of the digest", () => {
    const vector = vectors.find(({ destination }) => destination === "trade_desk")!;
    const identifier = kit.email({ hash: "sha256_base64", normalize: kit.normalizeGmail });
    expect(encodeValue(identifier, vector.input)).toBe("7D/kKM0+MyRsxbNrvDc7Bvd+293pC1+PyZjpmFfsIMI=");
  });
});

describe.runIf(vectors.length === 0)("hash vectors", () => {
  it(`${file} is absent, MILLRACE_SHARED says where it is: CI needs it`, () => {
    expect(process.env["CI"]).toBeUndefined();
  });
});
