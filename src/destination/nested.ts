import type { Json } from "../core.ts";

type Fields = Readonly<Record<string, Json>>;
type Branch = Record<string, Json>;

const isBranch = (value: Json | undefined): value is Branch =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Fields as the objects their names speak of: `Account.Ext_Id__c` is the key `Ext_Id__c` of `Account` (decision 71). Of a
 * value and a part of one name the part stays. Fields without dots are given back as they are.
 */
export function nested(fields: Fields): Fields {
  const names = Object.keys(fields);
  if (!names.some((name) => name.includes("."))) return fields;
  const root: Branch = {};
  for (const name of names) {
    const steps = name.split(".");
    const last = steps.pop() as string;
    let branch = root;
    for (const step of steps) {
      const below = branch[step];
      const next: Branch = isBranch(below) ? below : {};
      branch[step] = next;
      branch = next;
    }
    if (!(isBranch(branch[last]) && !isBranch(fields[name]))) branch[last] = fields[name] ?? null;
  }
  return root;
}
