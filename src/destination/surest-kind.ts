import type { Change } from "./index.ts";

/**
 * Which of these kinds, the surest first, a row is known by at a platform that takes one of them. Undefined where it has
 * none; also where a removal names only a lesser one of somebody who has a surer one: a changed e-mail of a member who is
 * known by an id is no reason to take the member out.
 */
export function surestKind<Kind extends string>(
  { op, identifiers, before }: Change,
  kinds: readonly Kind[],
): Kind | undefined {
  const held = op === "remove" ? (before?.ids ?? []) : [];
  const surest = kinds.find((kind) => identifiers[kind] !== undefined || held.some((id) => id.kind === kind));
  return surest === undefined || identifiers[surest] === undefined ? undefined : surest;
}
