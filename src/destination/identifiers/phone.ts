import type { Identifier, IdentifierOptions } from "../index.ts";
import { numberingPlan, parseNumber } from "./numbering.ts";

interface Reading {
  readonly digits: string;
  readonly international: boolean;
}

const zero = 48;
const nine = 57;
const plus = 43;
const extensionMarks: ReadonlySet<number> = new Set([..."xXeE#;,"].map((mark) => mark.charCodeAt(0)));

/**
 * Digits of a written number: symbols and letters go, an extension (`x12`, `ext. 12`, `#12`, `;ext=12`) and the `(0)` of
 * `+44 (0)20` too. Undefined for digits of other scripts, which only the library reads.
 */
function read(raw: string): Reading | undefined {
  let digits = "";
  let international = false;
  for (let index = 0; index < raw.length; index++) {
    const code = raw.charCodeAt(index);
    if (code >= zero && code <= nine) {
      const trunkMark = code === zero && international && raw[index - 1] === "(" && raw[index + 1] === ")";
      if (!trunkMark) digits += raw[index];
    } else if (code === plus && digits === "") international = true;
    else if (code > 127 && /\p{Nd}/u.test(raw[index] ?? "")) return undefined;
    else if (digits.length > 4 && extensionMarks.has(code)) break;
  }
  return { digits, international };
}

function withoutLeadingZeros(digits: string): string {
  let start = 0;
  while (digits.charCodeAt(start) === zero) start++;
  return start === 0 ? digits : digits.slice(start);
}

/** E.164 allows 15 digits; nothing shorter than 7 with its country code is a subscriber (ITU-T E.164). */
function plausible(digits: string): string | null {
  return digits.length >= 7 && digits.length <= 15 && digits.charCodeAt(0) !== zero ? digits : null;
}

function national(raw: string, digits: string, country: string): string | null {
  const plan = numberingPlan(country);
  if (plan !== null) {
    const { callingCode, trunk, lengths } = plan;
    const bare = digits.length - trunk.length;
    if (trunk !== "" && digits.startsWith(trunk) && lengths.has(bare) && !lengths.has(digits.length)) {
      return callingCode + digits.slice(trunk.length);
    }
    if (lengths.has(digits.length) && (trunk === "" || !digits.startsWith(trunk))) return callingCode + digits;
  }
  return parseNumber(raw, country);
}

/** What a single leading zero means when no country is known: a national number (no match), or noise to drop (Snap). */
export type LoneZero = "national" | "drop";

/**
 * Digits of the international number, no plus, no leading zero; null when it cannot be one. National spellings need
 * `defaultCountry`; without one, digits are taken to begin with a country code, as Meta and Google document.
 */
export function normalizePhoneDigits(
  raw: string,
  options: IdentifierOptions = {},
  loneZero: LoneZero = "national",
): string | null {
  const reading = read(raw);
  const country = options.defaultCountry?.toUpperCase();
  if (reading === undefined) return parseNumber(raw, country ?? "US");
  const { digits, international } = reading;
  if (international || digits.startsWith("00")) return plausible(withoutLeadingZeros(digits));
  if (country !== undefined) {
    const found = digits.length < 4 ? null : national(raw, digits, country);
    return found === null ? null : plausible(found);
  }
  return loneZero === "national" ? plausible(digits) : plausible(withoutLeadingZeros(digits));
}

/** E.164 with plus (Google, TikTok streaming, Klaviyo). */
export function normalizePhoneE164(raw: string, options: IdentifierOptions = {}): string | null {
  const digits = normalizePhoneDigits(raw, options);
  return digits === null ? null : `+${digits}`;
}

type Hash = NonNullable<Identifier["hash"]>;

/** A phone as digits with country code and no plus. */
export function phoneDigits(how: { readonly hash?: Hash; readonly loneZero?: LoneZero } = {}): Identifier {
  return {
    describe: "Phone number, digits with country code",
    normalize: (raw, options) => normalizePhoneDigits(raw, options, how.loneZero),
    version: 1,
    ...(how.hash === undefined ? {} : { hash: how.hash }),
  };
}

/** A phone in E.164 with plus. */
export function phoneE164(how: { readonly hash?: Hash } = {}): Identifier {
  return {
    describe: "Phone number in E.164, with plus",
    normalize: normalizePhoneE164,
    version: 1,
    ...(how.hash === undefined ? {} : { hash: how.hash }),
  };
}
