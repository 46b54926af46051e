import { distance } from "fastest-levenshtein";

/** The names near enough to be what was meant, nearest first: at most a third of the letters differ. */
export function nearest(wrong: string, names: Iterable<string>, limit = 3): readonly string[] {
  const allowed = Math.max(1, Math.floor((wrong.length + 1) / 3));
  const close = [...new Set(names)]
    .map((name) => ({ name, steps: away(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ steps, name }) => steps <= allowed || (wrong.length > 3 && name.startsWith(wrong)))
    .toSorted((a, b) => a.steps - b.steps || (a.name < b.name ? -1 : 1));
  // what is much farther away than the best was hardly meant
  return close
    .filter(({ steps }) => steps <= (close[0]?.steps ?? 0) + 1)
    .slice(0, limit)
    .map(({ name }) => name);
}

const letters = (text: string): string => [...text].toSorted().join("");

/** Edits between two words; two letters swapped are one slip, not two. */
function away(wrong: string, name: string): number {
  const steps = distance(wrong, name);
  return steps === 2 && letters(wrong) === letters(name) ? 1 : steps;
}

/** `did you mean "x"?`, or what there is, or nothing to say. */
export function didYouMean(wrong: string, names: Iterable<string>, what = "known here"): string | undefined {
  const all = [...new Set(names)].toSorted();
  const near = nearest(wrong, all);
  if (near.length > 0) return `did you mean ${near.map((name) => `"${name}"`).join(" or ")}?`;
  if (all.length === 0) return `${what}: none`;
  return `${what}: ${all.slice(0, 12).join(", ")}${all.length > 12 ? `, … (${all.length})` : ""}`;
}

/** Quotes a user's text, cut at 200 characters. */
export function quoteText(text: string): string {
  return `"${text.length > 200 ? `${text.slice(0, 200)}…` : text}"`;
}
