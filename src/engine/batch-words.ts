/** What a platform says of a batch, without anybody of the batch: refusals like to quote a value, their own row's or another's (P11). */
import type { BatchItem } from "./batch.ts";
import { impersonal } from "./impersonal.ts";

export type SpokenOf = Pick<BatchItem, "change" | "line">;

/** Shorter texts, and keys of fewer digits, are words of any sentence: HTTP 400. */
const shortest = 3;
const fewestDigits = 4;
/** A platform that says more than this is not read to the end. */
const longest = 2_000;

/**
 * The words of one batch. Built with it, but its rows are read only when the platform says something, so that batches
 * that are accepted cost nothing.
 */
export class BatchWords {
  readonly #items: readonly SpokenOf[];
  #texts: ReadonlySet<string> | null = null;
  /** The first characters of a text -> lengths of the texts that begin so, longest first. */
  readonly #lengths = new Map<string, readonly number[]>();

  constructor(items: readonly SpokenOf[]) {
    this.#items = items;
  }

  /** The message without texts of any row (keys, identifiers, fields as sent), as whole words in any case; of its own row in any place. */
  without(message: string, about?: SpokenOf): string {
    if (message === "") return "";
    const own = about === undefined ? [] : [...textsOf(about)];
    return impersonal(this.#withoutOthers(message.slice(0, longest)), own);
  }

  #withoutOthers(message: string): string {
    const texts = this.#read();
    const folded = fold(message);
    let kept = "";
    let from = 0;
    for (let at = 0; at + shortest <= folded.length; at += 1) {
      const lengths = this.#lengths.get(folded.slice(at, at + shortest));
      const length = lengths?.find((one) => texts.has(folded.slice(at, at + one)) && isWhole(folded, at, at + one));
      if (length === undefined) continue;
      kept += `${message.slice(from, at)}<value>`;
      from = at + length;
      at = from - 1;
    }
    return kept + message.slice(from);
  }

  #read(): ReadonlySet<string> {
    if (this.#texts !== null) return this.#texts;
    const texts = new Set<string>();
    for (const item of this.#items) for (const text of textsOf(item)) texts.add(fold(text));
    const lengths = new Map<string, Set<number>>();
    for (const text of texts) {
      const start = text.slice(0, shortest);
      const known = lengths.get(start);
      if (known === undefined) lengths.set(start, new Set([text.length]));
      else known.add(text.length);
    }
    for (const [start, all] of lengths)
      this.#lengths.set(
        start,
        [...all].toSorted((a, b) => b - a),
      );
    return (this.#texts = texts);
  }
}

function* textsOf({ change, line }: SpokenOf): Generator<string> {
  const { key, identifiers, fields } = line === undefined ? change : (JSON.parse(line) as Partial<typeof change>);
  for (const text of stringsOf([identifiers, fields, key])) if (text.trim().length >= shortest) yield text.trim();
  for (const number of [key].flat()) if (String(number).length >= fewestDigits) yield String(number);
}

function* stringsOf(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) for (const each of Object.values(value)) yield* stringsOf(each);
}

/** Lower case, character by character, so that places stay what they are. */
const fold = (text: string): string =>
  text.replace(/\p{Lu}/gu, (letter) => {
    const small = letter.toLowerCase();
    return small.length === letter.length ? small : letter;
  });

const letterOrDigit = /[\p{L}\p{N}]/u;

/** Neither end of the range lies inside a word. */
function isWhole(text: string, from: number, to: number): boolean {
  const joins = (at: number): boolean =>
    at > 0 && at < text.length && letterOrDigit.test(text[at - 1] ?? "") && letterOrDigit.test(text[at] ?? "");
  return !joins(from) && !joins(to);
}
