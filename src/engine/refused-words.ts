/** What a platform says of one row, without the row: its refusals like to quote the value they do not take (P11). */
import type { BatchItem } from "./batch.ts";
import { impersonal } from "./impersonal.ts";

/** The message without the row's own texts: key, identifiers and fields as they were sent. */
export function refusedWords(message: string, { change, line }: BatchItem): string {
  const { key, identifiers, fields } = line === undefined ? change : (JSON.parse(line) as Partial<typeof change>);
  return impersonal(message, [...textsOf([key, identifiers, fields])]);
}

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) for (const each of Object.values(value)) yield* textsOf(each);
}
