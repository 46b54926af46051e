const ascii = /^[\x20-\x7e]*$/;
const asciiPunctuation = /[!-/:-@[-`{-~]/g;

/** Letters without their accents: `São` -> `Sao`; letters of other scripts stay. */
export function fold(text: string): string {
  return ascii.test(text)
    ? text
    : text
        .normalize("NFD")
        .replace(/\p{M}+/gu, "")
        .normalize("NFC");
}

function withoutPunctuation(text: string): string {
  return ascii.test(text) ? text.replace(asciiPunctuation, "") : text.replace(/[\p{P}\p{S}]+/gu, "");
}

const orNull = (text: string): string | null => (text === "" ? null : text);

/** First and last names: lower case, no punctuation, one space between words, letters of any script kept (Meta). */
export function normalizeName(raw: string): string | null {
  const text = withoutPunctuation(raw.normalize("NFC").toLowerCase()).trim();
  return orNull(text.includes(" ") || !ascii.test(text) ? text.replace(/\s+/gu, " ") : text);
}

/** Lower case, spaces around taken off (Pinterest, Amazon). */
export const normalizeWord = (raw: string): string | null => orNull(raw.trim().toLowerCase());

/** Lower case with every white space taken out (Amazon). */
export const normalizeWithoutSpaces = (raw: string): string | null => orNull(raw.replace(/\s+/gu, "").toLowerCase());

/** Only a-z and 0-9, lower case (Amazon addresses and phones, Snap phones). */
export const normalizeAlphanumeric = (raw: string): string | null =>
  orNull(raw.toLowerCase().replace(/[^a-z0-9]+/g, ""));

/** The first letter of the first name, a-z where folding gives one (Meta FI). */
export function normalizeInitial(raw: string): string | null {
  const [first] = fold(raw.trim().toLowerCase());
  return first !== undefined && /\p{L}/u.test(first) ? first : null;
}

const titles = /^(?:(?:mr|mrs|ms|dr)\.\s*)+/;
const suffixes = /(?:,?\s+(?:jr|sr|2nd|3rd|ii|iii|iv|v|vi|cpa|dc|dds|vm|jd|md|phd)\.?)+$/;

/** A given name without a title in front (Google: `Mr. Alex` -> `alex`). */
export function normalizeGivenName(raw: string): string | null {
  return orNull(raw.trim().toLowerCase().replace(titles, "").trim());
}

/** A family name without what follows it (Google: `quinn, jr. dds` -> `quinn`). */
export function normalizeFamilyName(raw: string): string | null {
  return orNull(raw.trim().toLowerCase().replace(suffixes, "").replace(/,$/, "").trim());
}
