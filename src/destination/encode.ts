import type { Json, SentIdentifier } from "../core.ts";
import { digest, hashedAlready } from "./identifiers/hash.ts";
import type { Identifier, IdentifierOptions, ObjectSpec } from "./index.ts";

const plain: IdentifierOptions = {};

/**
 * An identifier as the platform takes it: normal form, hashed where declared. Null when it can never match (counted, not
 * sent): blank, malformed, or declared as hashed without looking like a hash. An empty text is never hashed.
 */
export function encodeValue(identifier: Identifier, raw: Json, options: IdentifierOptions = plain): string | null {
  if (raw === null || typeof raw === "object") return null;
  const text = typeof raw === "string" ? raw : String(raw);
  const { hash } = identifier;
  if (options.hashed === true && hash !== undefined) return hashedAlready(hash, text);
  const normal = identifier.normalize(text, options);
  if (normal === null || normal === "") return null;
  return hash === undefined ? normal : digest(hash, normal);
}

/** As {@link encodeValue}, with the normaliser's version, as the ledger keeps it beside the kind. */
export function encodeIdentifier(
  identifier: Identifier,
  raw: Json,
  options: IdentifierOptions = plain,
): Omit<SentIdentifier, "kind"> | null {
  const value = encodeValue(identifier, raw, options);
  return value === null ? null : { value, version: identifier.version };
}

/** Why a row is refused before it is sent; the message names the field and the limit, never the value. */
export interface Refusal {
  readonly code: "unknown_field" | "invalid_field" | "missing_field";
  readonly message: string;
}

export type EncodedFields = { readonly fields: Readonly<Record<string, Json>> } | { readonly reject: Refusal };

type WithFields = Pick<ObjectSpec, "fields" | "openFields">;
type FieldEncoder = (fields: Readonly<Record<string, Json>>) => EncodedFields;

const refuse = (code: Refusal["code"], message: string): EncodedFields => ({ reject: { code, message } });

/**
 * Makes the function that turns the fields of a row into what the platform takes, or says why the row is refused.
 * `nulls: omit` leaves NULLs out, `clear` sends them as null, which the destination turns into the platform's own way to clear.
 */
export function fieldEncoder(
  { fields: specs, openFields }: WithFields,
  nulls: "omit" | "clear" = "omit",
): FieldEncoder {
  const known = new Map(Object.entries(specs));
  const required = [...known].flatMap(([name, field]) => (field.required === true ? [name] : []));
  return (fields) => {
    const sent: Record<string, Json> = {};
    for (const name in fields) {
      const field = known.get(name) ?? openFields;
      if (field === undefined || name === "__proto__")
        return refuse("unknown_field", `the object has no field ${name}`);
      const encoded = field.encode(fields[name] ?? null);
      if ("reject" in encoded) return refuse("invalid_field", `${name}: ${encoded.reject}`);
      if (encoded.value !== null || nulls === "clear") sent[name] = encoded.value;
    }
    for (const name of required) {
      if ((sent[name] ?? null) === null) return refuse("missing_field", `${name}: required, but NULL or not mapped`);
    }
    return { fields: sent };
  };
}

const encoders = new WeakMap<WithFields, { readonly omit: FieldEncoder; readonly clear: FieldEncoder }>();

/** The fields of one row by {@link fieldEncoder}, which is made once per object. */
export function encodeFields(
  object: WithFields,
  fields: Readonly<Record<string, Json>>,
  nulls: "omit" | "clear" = "omit",
): EncodedFields {
  let known = encoders.get(object);
  if (known === undefined) {
    known = { omit: fieldEncoder(object, "omit"), clear: fieldEncoder(object, "clear") };
    encoders.set(object, known);
  }
  return known[nulls](fields);
}
