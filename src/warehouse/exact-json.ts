/** Before an integer that a number would round; a text that begins so would be taken for one. */
const mark = "\0integer:";
const marks = new RegExp(`^${mark}-?\\d+$`);

/** JSON text as plain values, integers beyond ±2^53 as BigInt, which JSON.parse would round. Throws SyntaxError. */
export function parseExactly(json: string): unknown {
  if (!/\d{16}/.test(json)) return JSON.parse(json);
  // Whole texts and whole numbers, so that no digits inside them are taken for an integer.
  const marked = json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? JSON.stringify(mark + token) : token,
  );
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === "string" && marks.test(value) ? BigInt(value.slice(mark.length)) : value,
  );
}

/** Plain values as JSON text, BigInt as whole digits, which JSON.stringify refuses. */
export function exactJson(value: unknown): string {
  const marked = JSON.stringify(value, (_, member: unknown) =>
    typeof member === "bigint" ? `${mark}${member}` : member,
  );
  return marked.replace(/"\\u0000integer:(-?\d+)"/g, "$1");
}
