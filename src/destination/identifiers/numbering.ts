import { createRequire } from "node:module";
import type * as Core from "libphonenumber-js/core";

/** What a country's numbers need to become international ones without a full parse. */
export interface NumberingPlan {
  readonly callingCode: string;
  /** Dropped in front of a national number (`0` in France); empty where there is none. */
  readonly trunk: string;
  /** Possible lengths of a national number without its trunk prefix. */
  readonly lengths: ReadonlySet<number>;
}

let library: { readonly core: typeof Core; readonly metadata: Core.MetadataJson } | undefined;
const plans = new Map<string, NumberingPlan | null>();

/** Loaded at the first national number: the full metadata costs more than the rest of the kit together. */
function load(): NonNullable<typeof library> {
  const require = createRequire(import.meta.url);
  library ??= { core: require("libphonenumber-js/core"), metadata: require("libphonenumber-js/max/metadata") };
  return library;
}

/**
 * The plan of a country by its two capitals. Null where lengths alone do not tell how a number is to be read (Germany has
 * twelve of them, Argentina rewrites its mobiles): those go to {@link parseNumber}.
 */
export function numberingPlan(country: string): NumberingPlan | null {
  let plan = plans.get(country);
  if (plan === undefined) plans.set(country, (plan = readPlan(country)));
  return plan;
}

function isCountry(country: string): country is Core.CountryCode {
  const { core, metadata } = load();
  return core.isSupportedCountry(country as Core.CountryCode, metadata);
}

function readPlan(country: string): NumberingPlan | null {
  const { core, metadata } = load();
  if (!isCountry(country)) return null;
  const reader = new core.Metadata(metadata);
  reader.selectNumberingPlan(country);
  const numbering = reader.numberingPlan as unknown as {
    callingCode(): string;
    possibleLengths(): number[];
    nationalPrefix(): string | undefined;
    nationalPrefixForParsing(): string | undefined;
    nationalPrefixTransformRule(): unknown;
  };
  const trunk = String(numbering.nationalPrefix() ?? "");
  const [parsing = ""] = String(numbering.nationalPrefixForParsing() ?? "").split("|");
  const lengths = new Set(numbering.possibleLengths());
  const rewritten = Boolean(numbering.nationalPrefixTransformRule());
  return parsing === trunk && !rewritten && lengths.size <= 3
    ? { callingCode: numbering.callingCode(), trunk, lengths }
    : null;
}

/** Digits of the international number by the library's own reading, or null when it finds none. */
export function parseNumber(raw: string, country: string): string | null {
  const { core, metadata } = load();
  if (!isCountry(country)) return null;
  const found = core.parsePhoneNumberFromString(raw, { defaultCountry: country, extract: false }, metadata);
  return found?.number.slice(1) ?? null;
}
