/** What an explanation says of the values it found. */
import { fieldOperators, type FieldLeaf, type FieldOperator } from "../project/schema/rule.ts";
import { digitsOf, digitsText, type Digits } from "./number.ts";

/** `lifetime_value = 381.50, needs 18.50 more`; `born = NULL (unknown)`. A test's value decides the second half. */
export function foundText(name: string, value: unknown, test: object): string {
  if (value === null || value === undefined) return `${name} = NULL (unknown)`;
  const missing = distanceText(value, test);
  return `${name} = ${valueText(value)}${missing === null ? "" : `, ${missing}`}`;
}

/** How far a number is from passing, or null where it passes or the test is of another kind. */
function distanceText(value: unknown, test: object): string | null {
  const operator = fieldOperators.find((candidate) => candidate in test);
  const limit = operator === undefined ? null : limitOf(operator, (test as FieldLeaf)[operator]);
  const found = digitsOf(value as string);
  if (limit === null || found === null) return null;
  const gap = subtract(limit.at, found);
  if (limit.side === "min" && (gap.digits > 0n || (limit.open && gap.digits === 0n)))
    return `needs ${limit.open ? "over " : ""}${places(gap, value)} more`;
  if (limit.side === "max" && (gap.digits < 0n || (limit.open && gap.digits === 0n)))
    return `${limit.open ? "at least " : ""}${places({ ...gap, digits: -gap.digits }, value)} too much`;
  return null;
}

function limitOf(
  operator: FieldOperator,
  value: unknown,
): { readonly side: "min" | "max"; readonly open: boolean; readonly at: Digits } | null {
  const at = typeof value === "number" || typeof value === "bigint" ? digitsOf(value) : null;
  if (at === null) return null;
  if (operator === "gt" || operator === "gte") return { side: "min", open: operator === "gt", at };
  return operator === "lt" || operator === "lte" ? { side: "max", open: operator === "lt", at } : null;
}

function subtract(one: Digits, other: Digits): Digits {
  const scale = Math.max(one.scale, other.scale);
  return {
    digits: one.digits * 10n ** BigInt(scale - one.scale) - other.digits * 10n ** BigInt(scale - other.scale),
    scale,
  };
}

/** With as many places as the value was found with: 18.50, not 18.5. */
function places(gap: Digits, value: unknown): string {
  const wanted = String(value).split(".")[1]?.length ?? 0;
  return gap.scale >= wanted
    ? digitsText(gap)
    : digitsText({ digits: gap.digits * 10n ** BigInt(wanted - gap.scale), scale: wanted });
}

function valueText(value: unknown): string {
  const text = Array.isArray(value) ? `[${value.map(String).join(", ")}]` : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
