/**
 * What one sync sends for each row, worked out from its YAML, its model's columns and the object's spec: the shape that
 * the SQL of ./wanted.ts and the row code of ./render.ts both follow, so that they cannot disagree.
 */
import { createHash } from "node:crypto";
import type { Json, Mode } from "../core.ts";
import type { ObjectSpec } from "../destination/index.ts";
import { failure } from "../errors.ts";
import type { Policy } from "../ledger/rules.ts";
import type {
  DestinationResource,
  IdentifierMapping,
  Mapping,
  ModelSpec,
  Project,
  Resource,
  SyncSpec,
} from "../project/project.ts";
import type { Column, ColumnFamily } from "../warehouse/warehouse.ts";
import { objectOf } from "./account.ts";
import { templateColumns } from "./template.ts";

export interface ShapedIdentifier {
  readonly kind: string;
  readonly column: string;
  readonly hashed: boolean;
  readonly country: { readonly column?: string; readonly literal?: string };
}

/** A destination field and the columns its value is made of; `columns` has one entry unless it is a template or lookup. */
export interface ShapedField {
  readonly to: string;
  readonly mapping: Mapping;
  readonly columns: readonly string[];
}

export interface Shape {
  readonly sync: Resource<SyncSpec>;
  readonly destination: DestinationResource;
  readonly object: ObjectSpec<any>;
  readonly keyColumns: readonly Column[];
  readonly families: ReadonlyMap<string, ColumnFamily>;
  readonly identifiers: readonly ShapedIdentifier[];
  readonly fields: readonly ShapedField[];
  readonly policy: Policy;
  /** Everything the print must change with besides the values: names, constants, templates, normaliser versions. */
  readonly header: string;
  /** SHA-256 of the mapping, for versions of it (`m`). */
  readonly mappingHash: string;
  /** Changes of these can never be `from_now` (R17). */
  readonly identityHash: string;
}

/** Sources of `lateMs` in order: the destination's YAML, the object, 15 minutes (R8). */
const defaultLateMs = 15 * 60_000;

/** What a sync's shape takes from its model. */
export type ShapedModel = Pick<Resource<ModelSpec>, "name" | "at"> & {
  readonly spec: Pick<ModelSpec, "primary_key" | "identifiers">;
};

/** The shape of a sync over a relation with these columns; E204 where a column is missing, E822 where keys are floats. */
export function shapeOf(
  project: Project,
  sync: Resource<SyncSpec>,
  columns: readonly Column[],
  model: ShapedModel = modelOf(project, sync),
): Shape {
  const destination = project.destinations.get(sync.spec.destination);
  const object = destination === undefined ? undefined : objectOf(destination, sync.spec.object);
  if (!destination || !object) {
    throw failure("E201", `sync "${sync.name}" names an object that its destination does not have`, {
      at: sync.at(["object"]),
    });
  }
  const families = new Map(columns.map((column) => [column.name, column.family]));
  const need = (column: string, path: readonly (string | number)[]): string => {
    if (families.has(column)) return column;
    throw failure("E204", `sync "${sync.name}" reads column "${column}", which its model does not have`, {
      at: sync.at(path),
      hint: `columns: ${[...families.keys()].join(", ")}`,
    });
  };
  const keyColumns = model.spec.primary_key.map((name) => {
    need(name, ["model"]);
    const column = columns.find((candidate) => candidate.name === name) as Column;
    if (column.family === "float") {
      throw failure("E244", `the primary key "${name}" of model "${model.name}" is a floating-point number`, {
        at: model.at(["primary_key"]),
        hint: "cast it to an integer or text: 1.0 and 1 must be one key on every warehouse",
      });
    }
    return column;
  });
  const identifiers = shapedIdentifiers(sync, model.spec.identifiers, object, need);
  const fields = shapedFields(sync, need);
  const header = headerOf(identifiers, fields, object, sync.spec);
  const identity = JSON.stringify([
    identifiers.map(({ kind, hashed, country }) => [kind, hashed, country.literal ?? null, versionOf(object, kind)]),
    model.spec.primary_key,
    sync.spec.destination,
    sync.spec.object,
    sync.spec.mode,
  ]);
  return {
    sync,
    destination,
    object,
    keyColumns,
    families,
    identifiers,
    fields,
    policy: policyOf(sync.spec, object, destination),
    header,
    mappingHash: sha256(JSON.stringify([header, fields.map((field) => field.mapping), identifiers])),
    identityHash: sha256(identity),
  };
}

/** The model a sync sends rows of: its own, or its audience's. */
export function modelOf(project: Project, sync: Resource<SyncSpec>) {
  const audience = sync.spec.audience === undefined ? undefined : project.audiences.get(sync.spec.audience);
  const name = sync.spec.model ?? audience?.spec.model ?? "";
  const model = project.models.get(name);
  if (!model) throw failure("E201", `sync "${sync.name}" has no model "${name}"`, { at: sync.at() });
  if (model.spec.primary_key.length === 0) {
    throw failure("E236", `model "${name}" has no primary_key, so sync "${sync.name}" cannot tell its rows apart`, {
      at: model.at(),
    });
  }
  return model;
}

function shapedIdentifiers(
  sync: Resource<SyncSpec>,
  ofModel: Readonly<Record<string, string>>,
  object: ObjectSpec<any>,
  need: (column: string, path: readonly (string | number)[]) => string,
): readonly ShapedIdentifier[] {
  const known = (kind: string): boolean => kind in object.identifiers || object.openIdentifiers !== undefined;
  const named: Record<string, IdentifierMapping> = { ...sync.spec.identifiers };
  if (Object.keys(named).length === 0) {
    for (const [kind, column] of Object.entries(ofModel)) if (known(kind)) named[kind] = { from: column };
  }
  for (const [kind, column] of Object.entries(sync.spec.key ?? {})) if (known(kind)) named[kind] ??= { from: column };
  return Object.entries(named)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, mapping]) => ({
      kind,
      column: need(mapping.from, ["identifiers", kind]),
      hashed: mapping.hashed ?? false,
      country: countryOf(mapping, (column) => need(column, ["identifiers", kind, "default_country"])),
    }));
}

function countryOf(mapping: IdentifierMapping, need: (column: string) => string): ShapedIdentifier["country"] {
  const country = mapping.default_country;
  if (country === undefined) return {};
  if (typeof country !== "string") return { column: need(country.column), literal: country.else };
  return /^[A-Z]{2}$/.test(country) ? { literal: country } : { column: need(country) };
}

function shapedFields(
  sync: Resource<SyncSpec>,
  need: (column: string, path: readonly (string | number)[]) => string,
): readonly ShapedField[] {
  return sync.spec.mappings
    .map((mapping, index) => ({
      to: mapping.to,
      mapping,
      columns: columnsOf(mapping).map((column) => need(column, ["mappings", index])),
    }))
    .toSorted((a, b) => (a.to < b.to ? -1 : 1));
}

function columnsOf(mapping: Mapping): readonly string[] {
  if ("from" in mapping) return [mapping.from];
  if ("template" in mapping) return templateColumns(mapping.template);
  if ("lookup" in mapping) return Object.values(mapping.lookup.by);
  return [];
}

const versionOf = (object: ObjectSpec<any>, kind: string): number =>
  (object.identifiers[kind] ?? object.openIdentifiers)?.version ?? 0;

function headerOf(
  identifiers: readonly ShapedIdentifier[],
  fields: readonly ShapedField[],
  object: ObjectSpec<any>,
  spec: SyncSpec,
): string {
  const constantOf = (mapping: Mapping): Json => {
    if ("value" in mapping) return ["value", mapping.value];
    if ("template" in mapping) return ["template", mapping.template];
    if ("lookup" in mapping) return ["lookup", mapping.lookup.object, Object.keys(mapping.lookup.by)];
    return null;
  };
  const spelled = JSON.stringify([
    1,
    identifiers.map((identifier) => [
      identifier.kind,
      versionOf(object, identifier.kind),
      identifier.hashed,
      identifier.country.literal ?? null,
    ]),
    fields.map((field) => [field.to, constantOf(field.mapping)]),
    spec.nulls,
  ]);
  // Short: every row's print reads it.
  return sha256(spelled).slice(0, 16);
}

function policyOf(spec: SyncSpec, object: ObjectSpec<any>, destination: DestinationResource): Policy {
  return {
    kind: object.kind,
    mode: spec.mode as Mode,
    delivery: object.delivery,
    onLeave: onLeaveOf(spec, object),
    lateMs: destination.spec.lateMs ?? object.lateMs ?? defaultLateMs,
    adopt: spec.adopt,
    giveUp: spec.rejected_rows.retry,
  };
}

/** Decision 5: mirror removes, everything else keeps, unless the sync says otherwise. */
function onLeaveOf(spec: SyncSpec, object: ObjectSpec<any>): Policy["onLeave"] {
  if (spec.on_leave !== undefined) return typeof spec.on_leave === "string" ? spec.on_leave : "set";
  if (spec.mode !== "mirror") return "keep";
  return object.kind === "membership" ? "remove" : "delete";
}

/** Is the destination given everybody wanted whenever something changed (a snapshot), not only what changed? */
export function offersMembers({ object, policy }: Pick<Shape, "object" | "policy">): boolean {
  const { mode, onLeave, delivery } = policy;
  if (object.needs !== "members") return false;
  if (object.settles === "run") return mode === "mirror" && onLeave === "remove" && delivery === "set";
  return mode === "mirror" || mode === "upsert" || mode === "update";
}

/** Does a run replace the target as a whole, so that all its rows are accepted together or none of them? */
export const replacesTarget = (shape: Pick<Shape, "object" | "policy">): boolean =>
  shape.object.settles === "run" && offersMembers(shape);

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
