import type { Json, SentIdentifier } from "../core.ts";
import { digest, hashedAlready } from "./identifiers/hash.ts";
import type { Field, Identifier, IdentifierOptions, ObjectSpec } from "./index.ts";

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

interface FieldTable {
  readonly known: ReadonlyMap<string, Field>;
  readonly required: readonly string[];
}

type WithFields = Pick<ObjectSpec, "fields" | "openFields">;

const tables = new WeakMap<WithFields, FieldTable>();

function tableOf(object: WithFields): FieldTable {
  let table = tables.get(object);
  if (table === undefined) {
    const known = new Map(Object.entries(object.fields));
    table = { known, required: [...known].flatMap(([name, field]) => (field.required === true ? [name] : [])) };
    tables.set(object, table);
  }
  return table;
}

const refuse = (code: Refusal["code"], message: string): EncodedFields => ({ reject: { code, message } });

/**
 * The fields of one row as the platform takes them, or why the row is refused. `nulls: omit` leaves NULLs out, `clear`
 * sends them as null, which the destination turns into the platform's own way to clear.
 */
export function encodeFields(
  object: WithFields,
  fields: Readonly<Record<string, Json>>,
  nulls: "omit" | "clear" = "omit",
): EncodedFields {
  const { known, required } = tableOf(object);
  const sent: Record<string, Json> = {};
  for (const name in fields) {
    const field = known.get(name) ?? object.openFields;
    if (field === undefined || name === "__proto__") return refuse("unknown_field", `the object has no field ${name}`);
    const encoded = field.encode(fields[name] ?? null);
    if ("reject" in encoded) return refuse("invalid_field", `${name}: ${encoded.reject}`);
    if (encoded.value !== null || nulls === "clear") sent[name] = encoded.value;
  }
  for (const name of required) {
    if ((sent[name] ?? null) === null) return refuse("missing_field", `${name}: required, but NULL or not mapped`);
  }
  return { fields: sent };
}
