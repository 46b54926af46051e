import type { Json } from "../core.ts";
import { digest } from "./identifiers/hash.ts";
import type { Field } from "./index.ts";

type Encoded = ReturnType<Field["encode"]>;

interface Common {
  readonly describe?: string;
  readonly required?: boolean;
}

const nothing: Encoded = { value: null };

function field(describe: string, how: Common, encode: (value: NonNullable<Json>) => Encoded): Field {
  return {
    describe: how.describe ?? describe,
    ...(how.required === undefined ? {} : { required: how.required }),
    encode: (value) => (value === null ? nothing : encode(value)),
  };
}

function asText(value: NonNullable<Json>): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * Text; `max` counts characters as the platform does. Other scalars become text, arrays and objects become JSON; with
 * `joined` the items of an array stand with that between them (`a;b`), as CRMs take several choices.
 */
export function text(how: Common & { readonly max?: number; readonly joined?: string } = {}): Field {
  const { max, joined } = how;
  return field("Text", how, (value) => {
    const found = joined !== undefined && Array.isArray(value) ? value.map(String).join(joined) : asText(value);
    return max !== undefined && found.length > max ? { reject: `longer than ${max} characters` } : { value: found };
  });
}

/** A finite number; text that reads as one is taken, so that exact decimals may arrive as text. */
export function number(
  how: Common & { readonly min?: number; readonly max?: number; readonly integer?: boolean } = {},
): Field {
  const { min = -Infinity, max = Infinity, integer = false } = how;
  return field(integer ? "Whole number" : "Number", how, (value) => {
    const found =
      typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
    if (!Number.isFinite(found)) return { reject: "not a number" };
    if (integer && !Number.isInteger(found)) return { reject: "not a whole number" };
    return found < min || found > max ? { reject: `outside ${min} to ${max}` } : { value: found };
  });
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["t", true],
  ["1", true],
  ["false", false],
  ["f", false],
  ["0", false],
]);

/** true or false; also from 1, 0 and their words. */
export function boolean(how: Common = {}): Field {
  return field("true or false", how, (value) => {
    const found = typeof value === "boolean" ? value : truths.get(asText(value).toLowerCase());
    return found === undefined ? { reject: "neither true nor false" } : { value: found };
  });
}

function instant(value: NonNullable<Json>): number {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return Number.NaN;
  const zoned = /(?:Z|[+-]\d{2}:?\d{2}|^\d{4}-\d{2}-\d{2})$/.test(value) ? value : `${value}Z`;
  return Date.parse(zoned.replace(" ", "T"));
}

/** A calendar date, `YYYY-MM-DD`; a timestamp gives its day in UTC. Numbers are milliseconds since the epoch. */
export function dateField(how: Common = {}): Field {
  return field("Date, YYYY-MM-DD", how, (value) => {
    const at = instant(value);
    return Number.isNaN(at) ? { reject: "not a date" } : { value: new Date(at).toISOString().slice(0, 10) };
  });
}

/** A point in time, ISO 8601 in UTC; text without a zone is UTC. */
export function timestamp(how: Common = {}): Field {
  return field("Time, ISO 8601", how, (value) => {
    const at = instant(value);
    return Number.isNaN(at) ? { reject: "not a time" } : { value: new Date(at).toISOString() };
  });
}

/** One of a fixed set of words. */
export function oneOf(words: readonly string[], how: Common = {}): Field {
  return field(`One of ${words.join(", ")}`, how, (value) =>
    typeof value === "string" && words.includes(value) ? { value } : { reject: `none of ${words.join(", ")}` },
  );
}

/** A list of texts; a single text is a list of one. */
export function list(how: Common = {}): Field {
  return field("List of texts", how, (value) => {
    const items = Array.isArray(value) ? (value as readonly Json[]) : [value];
    return { value: items.flatMap((item) => (item === null ? [] : [asText(item)])) };
  });
}

/** Any JSON value as it is. */
export function anyValue(how: Common = {}): Field {
  return field("Any value", how, (value) => ({ value }));
}

/**
 * How many normal forms of one field are remembered: enough for names, cities and codes, some 4 MB at most. The first ones
 * stay: making room for values that do not come again costs more than hashing them.
 */
const remembered = 16_384;

/**
 * A matching field that travels as the SHA-256 of its normal form; a value without a normal form counts as NULL, since it
 * could match nobody and must not cost the row. Frequent values (countries, names) are hashed once.
 */
export function hashedField(normalize: (raw: string) => string | null, how: Common = {}): Field {
  const known = new Map<string, Encoded>();
  return field("Normalised and hashed (SHA-256)", how, (value) => {
    const raw = asText(value);
    let found = known.get(raw);
    if (found === undefined) {
      const normal = normalize(raw);
      found = normal === null || normal === "" ? nothing : { value: digest("sha256", normal) };
      if (known.size < remembered) known.set(raw, found);
    }
    return found;
  });
}
