import { describe, expect, it } from "vitest";
import { readReply } from "../../src/engine/reply.ts";

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const body = (bytes: string | Uint8Array, headers: Record<string, string> = {}): unknown =>
  readReply({ status: 200, headers, body: Buffer.from(bytes) }, (text) => text).body;

describe("readReply", () => {
  it.each<[string, string | Uint8Array, unknown]>([
    ["JSON", '{"a":[1,"]"]}', { a: [1, "]"] }],
    ["JSON behind a byte order mark", '\uFEFF{"a":1}', { a: 1 }],
    ["nothing", "", undefined],
    ["a web page", "<html></html>", undefined],
    ["half a document", '{"a":', undefined],
    ["NaN", '{"a":NaN}', undefined],
    ["a number beyond doubles", '{"a":1e400}', undefined],
    ["the same without an exponent", `{"a":${"9".repeat(400)}}`, undefined],
    ["a text that looks like one", '{"a":"1e400"}', { a: "1e400" }],
    ["the same key twice", '{"a":1,"a":2}', { a: 2 }],
    ["200 deep", nested(200), JSON.parse(nested(200))],
    ["201 deep", nested(201), undefined],
    ["10,000 deep", nested(10_000), undefined],
    ["deep brackets inside a text", JSON.stringify(`"\\${nested(5000)}`), `"\\${nested(5000)}`],
    ["a long text", JSON.stringify("x".repeat(1e6)), "x".repeat(1e6)],
    ["bytes that are no UTF-8", Buffer.from([0x22, 0xff, 0x22]), "\uFFFD"],
  ])("%s", (_, text, expected) => expect(body(text)).toEqual(expected));

  it("reads other charsets by their name and unknown ones as UTF-8", () => {
    expect(body(Buffer.from([0x22, 0xe9, 0x22]), { "content-type": "application/json; charset=ISO-8859-1" })).toBe("é");
    expect(body('"é"', { "content-type": "application/json; charset=nonsense" })).toBe("é");
  });

  it.each([
    '{"__proto__":{"bad":1},"a":1}',
    '{"\\u005f_proto__":{"bad":1},"a":1}',
    '{"\\u005f\\u005fpr\\u006fto__":{"bad":1},"a":1}',
  ])("leaves out %s", (text) => {
    const value = body(text) as object;
    expect(Object.getOwnPropertyNames(value)).toEqual(["a"]);
    expect(Object.assign({}, value)).not.toHaveProperty("bad");
  });
});
