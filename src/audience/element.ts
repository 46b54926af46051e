import type { AudienceWords } from "./words.ts";

/** What an element is compared with (dates, UUIDs and the like as the texts they read as), or what it is where nothing compares. */
export type ElementKind = "string" | "number" | "boolean" | "lists" | "structs";

/** Of the elements of a list type; null where the type does not tell. */
export function elementKind(words: AudienceWords, list: string): ElementKind | null {
  const type = words.elementType(list);
  if (type === null) return null;
  if (type.endsWith("]")) return "lists";
  if (/^STRUCT</i.test(type)) return "structs";
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT|INTEGER|UINTEGER|(BIG)?NUM|DECIMAL|FLOAT|DOUBLE)/i.test(type)) return "number";
  return /^BOOL/i.test(type) ? "boolean" : "string";
}
