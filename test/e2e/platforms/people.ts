/** Invented customers, with the normal form of their contact points worked out by hand beside what the shop has. */
import type { SeedRow } from "./lab.ts";

export interface Person {
  readonly id: number;
  /** As the shop has it, and as every platform should see it. */
  readonly email: readonly [raw: string, normal: string] | null;
  /** As the shop has it, and in E.164. */
  readonly phone: readonly [raw: string, e164: string] | null;
  readonly name: string | null;
  readonly points: number;
}

const somebody = (
  id: number,
  email: Person["email"] | string,
  phone: Person["phone"],
  name: string | null,
  points = 10 * id,
): Person => ({ id, email: typeof email === "string" ? [email, email] : email, phone, name, points });

const shared = ["+33 6 39 98 00 45", "+33639980045"] as const;
export const ada = somebody(1, ["  Ada@Example.COM ", "ada@example.com"], ["06 39 98 00 01", "+33639980001"], "Ada");
export const bo = somebody(2, "bo@example.com", null, "Bo");
export const cy = somebody(3, "cy@example.com", ["+33.6.39.98.00.03", "+33639980003"], "Cy");
/** Di and Ed share a phone. */
export const di = somebody(4, "di@example.com", shared, "Di");
export const ed = somebody(5, "ed@example.com", shared, "Ed");
export const flo = somebody(6, "flo@example.com", null, "Flo");
export const gil = somebody(7, "gil@example.com", ["0639980007", "+33639980007"], "Gil");

export const first = [ada, bo, cy, di, ed] as const;
/** Bo's points and Cy's e-mail changed, Ada lost her name, Ed left, Flo and Gil came. */
export const second = [
  { ...ada, name: null },
  { ...bo, points: 999 },
  { ...cy, email: ["Cyra@example.org", "cyra@example.org"] },
  di,
  flo,
  gil,
] as const satisfies readonly Person[];

/** Many people with nothing but an e-mail. */
export const crowd = (count: number): readonly Person[] =>
  Array.from({ length: count }, (_, index) => somebody(1000 + index, `p${index}@example.net`, null, `P${index}`));

export const rowOf = ({ id, email, phone, name, points }: Person): SeedRow => ({
  id,
  email: email?.[0] ?? null,
  phone: phone?.[0] ?? null,
  name,
  points,
});

export const emailOf = (person: Person): string => person.email?.[1] ?? "";
