import type { Batch, Change } from "./index.ts";

/**
 * Which of these kinds, the surest first, a row is known by at a platform that takes one of them. Undefined where it has
 * none; also where a removal names only a lesser one of somebody who has a surer one: a changed e-mail of a member who is
 * known by an id is no reason to take the member out.
 */
export function surestKind<Kind extends string>(change: Change, kinds: readonly Kind[]): Kind | undefined {
  const { op, identifiers } = change;
  const surest = op === "remove" ? surestOf(change, kinds) : kinds.find((kind) => identifiers[kind] !== undefined);
  return surest === undefined || identifiers[surest] === undefined ? undefined : surest;
}

/**
 * Records under the surest identifier they were ever written by, where a change names a lesser one alone: a farewell
 * (`on_leave: { set }`) speaks of one identifier, and under a lesser one it would make another record. Removals stay.
 */
export function underSurest<Kind extends string>(batch: Batch, kinds: readonly Kind[]): Batch {
  if (batch.op === "remove") return batch;
  return {
    ...batch,
    changes: batch.changes.map((change) => {
      const surest = surestOf(change, kinds);
      if (surest === undefined || change.identifiers[surest] !== undefined) return change;
      const newest = change.before?.ids.findLast(({ kind }) => kind === surest);
      return { ...change, identifiers: { ...change.identifiers, [surest]: newest?.value ?? "" } };
    }),
  };
}

const surestOf = <Kind extends string>({ identifiers, before }: Change, kinds: readonly Kind[]): Kind | undefined =>
  kinds.find((kind) => identifiers[kind] !== undefined || before?.ids.some((id) => id.kind === kind) === true);
