import { fold } from "./name.ts";
import { usStates } from "./us-states.ts";

const notLetters = /[^\p{L}]+/gu;

/** A city: lower case a-z, no spaces, digits or punctuation, accents folded (Meta CT). */
export function normalizeCity(raw: string): string | null {
  const text = fold(raw.toLowerCase()).replace(notLetters, "");
  return text === "" ? null : text;
}

/** A state: the two letters in the United States, otherwise lower case without spaces and punctuation (Meta ST). */
export function normalizeState(raw: string): string | null {
  const text = normalizeCity(raw);
  return text === null ? null : (usStates.get(text) ?? text);
}

const zipPlusFour = /^(\d{5})-\d{4}$/;
const britishPostcode = /^([a-z]{1,2}\d[a-z\d]?\d)[a-z]{2}$/;

/** A postal code: lower case, no spaces; five digits in the US, area, district and sector in the UK (Meta ZIP). */
export function normalizeZip(raw: string): string | null {
  const text = raw.replace(/\s+/g, "").toLowerCase();
  if (text === "") return null;
  if (text.length === 5 && text.charCodeAt(0) <= 57) return text;
  return zipPlusFour.exec(text)?.[1] ?? britishPostcode.exec(text)?.[1] ?? text.replaceAll("-", "");
}

let regions: ReadonlyMap<string, string> | undefined;

/** English names and alpha-2 codes of regions, lower case -> alpha-2; made once from the runtime's own CLDR data. */
function regionsByName(): ReadonlyMap<string, string> {
  if (regions !== undefined) return regions;
  const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
  const found = new Map<string, string>();
  for (let first = 65; first <= 90; first++) {
    for (let second = 65; second <= 90; second++) {
      const code = String.fromCharCode(first, second);
      const name = names.of(code);
      // Codes of countries that are no more (DD) go by the name of their successor: only current ones count.
      const current = Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`;
      if (name === undefined || code === "ZZ" || !current) continue;
      found.set(code.toLowerCase(), code.toLowerCase());
      if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), code.toLowerCase());
    }
  }
  found.set("uk", "gb");
  regions = found;
  return found;
}

/** A country as lower-case alpha-2, from the code or the English name; null when it is neither. */
export function normalizeCountry(raw: string): string | null {
  return regionsByName().get(raw.trim().toLowerCase()) ?? null;
}

/** As {@link normalizeCountry}, in capitals (Google region codes, never hashed). */
export function normalizeRegionCode(raw: string): string | null {
  return normalizeCountry(raw)?.toUpperCase() ?? null;
}
