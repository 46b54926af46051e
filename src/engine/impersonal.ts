/** A platform's words about a row without the person: platforms like to repeat the value they refuse. */

const email = /[^\s@"'<>()[\]{},;:=]+@[^\s@"'<>()[\]{},;:=]+/g;
/** Phone numbers and ids: seven digits or more, however they are grouped. */
const digits = /\+?\d(?:[ ().-]?\d){6,}/g;

/** The message with addresses, long numbers and the given values (key, identifiers as sent) replaced by `…`. */
export function impersonal(message: string, values: readonly string[] = []): string {
  // Shorter values are words of any sentence.
  const own = values.filter((value) => value.length >= 3).toSorted((a, b) => b.length - a.length);
  const bare = own.reduce((text, value) => text.replaceAll(value, "…"), message);
  return bare.replaceAll(email, "…").replaceAll(digits, "…");
}
