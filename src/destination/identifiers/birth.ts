const genders: ReadonlyMap<string, string> = new Map([
  ["f", "f"],
  ["female", "f"],
  ["woman", "f"],
  ["m", "m"],
  ["male", "m"],
  ["man", "m"],
]);

/** `f` or `m`; null for everything else (Meta GEN takes no third value). */
export function normalizeGender(raw: string): string | null {
  return genders.get(raw.trim().toLowerCase()) ?? null;
}

const date = /^(\d{4})-(\d{2})-(\d{2})(?:$|[T ])/;
const months = "january february march april may june july august september october november december".split(" ");

function part(raw: string, index: 1 | 2 | 3, low: number, high: number): string | null {
  const text = raw.trim();
  const found = date.exec(text)?.[index] ?? (/^\d{1,4}$/.test(text) ? text : undefined);
  const value = Number(found);
  return found === undefined || value < low || value > high ? null : String(value).padStart(index === 1 ? 4 : 2, "0");
}

/** Year of birth, four digits, from a year or an ISO date (Meta DOBY). */
export const normalizeBirthYear = (raw: string): string | null => part(raw, 1, 1900, 2100);

/** Month of birth, `01` to `12`, from a number, an English name or its first three letters, or an ISO date (Meta DOBM). */
export function normalizeBirthMonth(raw: string): string | null {
  const word = raw.trim().toLowerCase();
  const named = months.findIndex((month) => month === word || (word.length === 3 && month.startsWith(word)));
  return named === -1 ? part(raw, 2, 1, 12) : String(named + 1).padStart(2, "0");
}

/** Day of birth, `01` to `31`, from a number or an ISO date (Meta DOBD). */
export const normalizeBirthDay = (raw: string): string | null => part(raw, 3, 1, 31);

/** Date of birth as `YYYYMMDD`, from an ISO date (Meta's `db`). */
export function normalizeBirthDate(raw: string): string | null {
  const parts = [normalizeBirthYear(raw), part(raw, 2, 1, 12), normalizeBirthDay(raw)];
  return date.test(raw.trim()) && !parts.includes(null) ? parts.join("") : null;
}
