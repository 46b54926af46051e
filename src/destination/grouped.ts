import type { Json } from "../core.ts";

/** Fields put into groups, each under the name it has there; a group that nothing is in is absent. */
export function grouped(
  fields: Readonly<Record<string, Json>>,
  placeOf: (name: string) => readonly [group: string, name: string],
): Readonly<Partial<Record<string, Readonly<Record<string, Json>>>>> {
  const groups = new Map<string, Record<string, Json>>();
  for (const [field, value] of Object.entries(fields)) {
    const [group, name] = placeOf(field);
    const held = groups.get(group);
    if (held === undefined) groups.set(group, { [name]: value });
    else held[name] = value;
  }
  return Object.fromEntries(groups);
}
