import { hashedField } from "./fields.ts";
import * as form from "./identifiers/index.ts";
import type { Field } from "./index.ts";

const word = (normalize: (raw: string) => string | null, usual: string) => (describe?: string) =>
  hashedField(normalize, { describe: describe ?? usual });

/** Matching fields that ads platforms take as SHA-256 of a normal form; unreadable values count as NULL. */
export const hashed = {
  name: word(form.normalizeName, "Name"),
  initial: word(form.normalizeInitial, "First initial"),
  city: word(form.normalizeCity, "City"),
  state: word(form.normalizeState, "State"),
  zip: word(form.normalizeZip, "Postal code"),
  country: word(form.normalizeCountry, "Country"),
  gender: word(form.normalizeGender, "Gender, f or m"),
  birthYear: word(form.normalizeBirthYear, "Year of birth"),
  birthMonth: word(form.normalizeBirthMonth, "Month of birth"),
  birthDay: word(form.normalizeBirthDay, "Day of birth"),
  birthDate: word(form.normalizeBirthDate, "Date of birth"),
} satisfies Readonly<Record<string, (describe?: string) => Field>>;
