/** A destination type as data: everything a user must know of it before writing a sync. */
import type { z } from "zod";
import type { ObjectSpec } from "../destination/index.ts";
import { loadBuiltIn } from "../project/destinations.ts";
import { modesOf } from "../project/rules/mode-matrix.ts";
import type { destinationsSchema } from "./schemas/world.ts";

export type TypeDocument = z.output<typeof destinationsSchema>["types"][number];
type ObjectDocument = TypeDocument["objects"][number];
type KeyDocument = TypeDocument["config"][number];

/** R8's default: what an object that names no `lateMs` counts with. */
const defaultLateMs = 15 * 60_000;

export async function describeType(type: string): Promise<TypeDocument> {
  const { describe, docs, guide, config, credentials, account, downloads = [], objects } = await loadBuiltIn(type);
  return {
    type,
    describe,
    docs,
    guide: guide ?? null,
    config: keysOf(config),
    credentials: keysOf(credentials),
    asks_account: account !== undefined,
    downloads: [...downloads],
    objects: Object.entries(objects)
      .map(([name, spec]) => describeObject(name, spec))
      .toSorted((a, b) => (a.object < b.object ? -1 : 1)),
  };
}

function describeObject(object: string, spec: ObjectSpec<any>): ObjectDocument {
  const { limits, identifiers, openIdentifiers, fields, openFields, windowMs, expiresMs } = spec;
  return {
    object,
    kind: spec.kind,
    ops: [...spec.ops],
    delivery: spec.delivery,
    identifiers: Object.keys(identifiers).toSorted(),
    rows_per_request: limits.rows,
    describe: spec.describe,
    modes: [...modesOf(spec)],
    identify: spec.identify,
    accepts: [
      ...Object.entries(identifiers).map(([kind, { describe, hash }]) => ({ kind, describe, hash: hash ?? null })),
      ...(openIdentifiers
        ? [{ kind: "any other", describe: openIdentifiers.describe, hash: openIdentifiers.hash ?? null }]
        : []),
    ],
    fields: [
      ...Object.entries(fields).map(([field, { describe, required }]) => ({
        field,
        describe,
        required: required === true,
      })),
      ...(openFields ? [{ field: "any other", describe: openFields.describe, required: false }] : []),
    ],
    remote: spec.remote === undefined ? [] : keysOf(spec.remote),
    bytes_per_request: limits.bytes ?? null,
    rate: limits.rate === undefined ? null : { requests: limits.rate.requests, per_seconds: limits.rate.perSeconds },
    keyed_for_hours: windowMs === undefined ? null : windowMs / 3_600_000,
    late_minutes: (spec.lateMs ?? defaultLateMs) / 60_000,
    expires_days: expiresMs === undefined ? null : expiresMs / 86_400_000,
  };
}

/** Keys of a block with the words that describe them, as the editor's hover has them. */
function keysOf(schema: z.ZodObject): KeyDocument[] {
  return Object.entries(schema.shape).map(([key, value]) => {
    const known = value as z.ZodType;
    const absent = known.safeParse(undefined);
    const given = absent.success ? absent.data : undefined;
    return {
      key,
      describe: known.description ?? "",
      required: !absent.success,
      default: given === undefined ? null : JSON.stringify(given),
    };
  });
}
