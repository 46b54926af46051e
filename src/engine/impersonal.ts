/** A platform's words about one row without the person: platforms like to repeat the value they refuse. */
import { withoutPersons } from "../destination/words.ts";

/** Shorter values are words of any sentence. */
const shortest = 3;

/** The message without these values (key, identifiers as sent) and whatever else looks like somebody's. */
export function impersonal(message: string, values: readonly string[] = []): string {
  const own = values.filter(({ length }) => length >= shortest).toSorted((a, b) => b.length - a.length);
  return withoutPersons(own.reduce((text, value) => text.replaceAll(value, "<value>"), message));
}
