/** Comparing identifiers by kind and value as sent, and what denial takes from a key (R3, R9). */
import type { SentIdentifier } from "../../core.ts";
import type { LedgerRow, Wanted } from "./types.ts";

/** The text two identifiers share exactly when a platform cannot tell them apart; the normaliser's version is no part of it. */
export function identifierKey(id: SentIdentifier): string {
  return `${id.kind}\u0000${id.value}`;
}

export function sameIdentifier(a: SentIdentifier, b: SentIdentifier): boolean {
  return a.kind === b.kind && a.value === b.value;
}

export function hasIdentifier(ids: readonly SentIdentifier[], id: SentIdentifier): boolean {
  return ids.some((one) => sameIdentifier(one, id));
}

/** `ids` without those of `taken`. */
export function minus(ids: readonly SentIdentifier[], taken: readonly SentIdentifier[]): readonly SentIdentifier[] {
  return ids.filter((id) => !hasIdentifier(taken, id));
}

/** `ids` and those of `more`, each once, in order of first appearance. */
export function union(ids: readonly SentIdentifier[], more: readonly SentIdentifier[]): readonly SentIdentifier[] {
  const all: SentIdentifier[] = [];
  for (const id of [...ids, ...more]) if (!hasIdentifier(all, id)) all.push(id);
  return all;
}

/** Is every identifier of `part` in `whole`? */
export function within(part: readonly SentIdentifier[], whole: readonly SentIdentifier[]): boolean {
  return part.every((id) => hasIdentifier(whole, id));
}

/** A wanted key without the identifiers of denied keys (R9); its fingerprint must be made from what is left. */
export function withoutDenied(
  ids: readonly SentIdentifier[],
  denied: (id: SentIdentifier) => boolean,
): readonly SentIdentifier[] {
  return ids.filter((id) => !denied(id));
}

/**
 * The identifiers a denied key takes away from everybody (R9): those it has today; where the model no longer knows the
 * key, those its row holds. Not both: an identifier the person gave up may be somebody else's by now.
 */
export function deniedIdentifiers(
  today: readonly SentIdentifier[] | null,
  row: LedgerRow | null,
): readonly SentIdentifier[] {
  return today ?? row?.ids ?? [];
}

/** Record objects: later keys wanting the match identifier of an earlier (smaller) one, each with that key (R10). */
export function duplicatesOf(wanted: ReadonlyMap<string, Wanted>): ReadonlyMap<string, string> {
  const owner = new Map<string, string>();
  const duplicates = new Map<string, string>();
  for (const k of [...wanted.keys()].toSorted()) {
    const match = wanted.get(k)?.ids[0];
    if (match === undefined) continue;
    const first = owner.get(identifierKey(match));
    if (first === undefined) owner.set(identifierKey(match), k);
    else duplicates.set(k, first);
  }
  return duplicates;
}
