import type { ColumnSpec } from "../project/project.ts";

const personal =
  /(^|_)(e?mail|phone|tel|mobile|msisdn|first_?name|last_?name|full_?name|surname|given_?name|family_?name|address|street|birth|dob|iban|ssn|passport|ip|maid|idfa|gaid)/i;

/** Is a column personal: declared by `pii:`, or by its name? `pii: none` says it is not. */
export function isPersonal(name: string, columns: readonly ColumnSpec[] = []): boolean {
  const declared = columns.find((column) => column.name === name)?.pii;
  return declared === undefined ? personal.test(name) : declared !== "none";
}

/** A personal value for a person to recognise and nobody else to learn: `a•••@example.com`, `+•••`; NULL and empty text stay. */
export function mask(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text =
    typeof value === "string"
      ? value.trim()
      : JSON.stringify(value, (_key, each) => (typeof each === "bigint" ? String(each) : each));
  if (text === "") return "";
  const first = [...text][0] ?? "";
  const domain = /^[^@\s]+(@[^@\s]+)$/.exec(text)?.[1] ?? "";
  return `${first}•••${domain}`;
}
