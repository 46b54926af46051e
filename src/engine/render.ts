/** A plan row as the change a destination is handed: fields rendered, encoded, and refused here when the platform would. */
import type { Json, Op } from "../core.ts";
import { fieldEncoder } from "../destination/encode.ts";
import type { Change } from "../destination/index.ts";
import { union } from "../ledger/rules.ts";
import type { PlanRow } from "./rows.ts";
import { identitiesOf, ownKey } from "./prepare.ts";
import type { Shape, ShapedField } from "./shape.ts";
import { renderTemplate } from "./template.ts";

export type Rendered =
  | { readonly change: Change }
  | { readonly reject: { readonly code: string; readonly message: string } };

/** What rendering knows besides the row: answers of lookups, and the run's as_of. */
export interface RenderContext {
  readonly asOf: string;
  /** Destination field -> value looked up by -> remote id. */
  readonly lookups: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Renders changes of one shape; made once per sync, used for every row. */
export function renderer(
  shape: Shape,
  context: RenderContext,
): (row: PlanRow, op: Op, ids: readonly string[] | null, key: string) => Rendered {
  const special = shape.fields.filter(({ mapping }) => "template" in mapping || "lookup" in mapping);
  const identifiersOf = sentIdentifiers(shape);
  const encode = fieldEncoder(shape.object, shape.sync.spec.nulls);
  const encodeLeaving = fieldEncoder(shape.object, "clear");
  const onLeave = shape.sync.spec.on_leave;
  const leaveFields = typeof onLeave === "object" ? onLeave.set : {};

  return (row, op, only, key) => {
    if (op === "remove") return { change: changeOf(row, op, removedIdentifiers(row, only), {}, key) };
    if (row.wanted === null || row.wanted.ids.length === 0) {
      const encoded = encodeLeaving(leaveFields);
      if ("reject" in encoded) return encoded;
      return { change: changeOf(row, op, removedIdentifiers(row, only), encoded.fields, key) };
    }
    const given = row.fields ?? {};
    const rendered = special.length === 0 ? { fields: given } : renderSpecial(special, given, context);
    if ("reject" in rendered) return rendered;
    const encoded = encode(rendered.fields);
    if ("reject" in encoded) return encoded;
    return { change: changeOf(row, op, identifiersOf(row, only), encoded.fields, key) };
  };
}

function changeOf(
  row: PlanRow,
  op: Op,
  identifiers: Change["identifiers"],
  fields: Change["fields"],
  idempotencyKey: string,
): Change {
  const change = { op, key: row.key ?? row.k, identifiers, fields, idempotencyKey };
  return row.row === null ? change : { ...change, before: beforeOf(row.row.ids, row.row.remoteId) };
}

const beforeOf = (ids: NonNullable<Change["before"]>["ids"], remoteId: string | null): NonNullable<Change["before"]> =>
  remoteId === null ? { ids } : { ids, remoteId };

/** What is taken away, as it was sent; `only` names identifier keys (kind, value) of this request. */
function removedIdentifiers(row: PlanRow, only: readonly string[] | null): Record<string, string> {
  const identifiers: Record<string, string> = {};
  for (const { kind, value } of union(row.row?.ids ?? [], row.wanted?.ids ?? [])) {
    if (kind === ownKey || (only !== null && !only.includes(`${kind}\u0000${value}`))) continue;
    split(identifiers, kind, value);
  }
  return identifiers;
}

/** What a row is known by when it is written: where our own key is the identity, whatever else it has travels raw. */
function sentIdentifiers(shape: Shape): (row: PlanRow, only: readonly string[] | null) => Record<string, string> {
  if (shape.object.identify === "key") {
    const kinds = shape.identifiers.map(({ kind }) => kind);
    return ({ raw }) => {
      const identifiers: Record<string, string> = {};
      for (let at = 0; at < kinds.length; at += 1) {
        const value = raw[at];
        if (value !== null && value !== undefined) identifiers[kinds[at] as string] = value;
      }
      return identifiers;
    };
  }
  const kinds = new Set(identitiesOf(shape).map(({ kind }) => kind));
  return (row, only) => {
    const identifiers: Record<string, string> = {};
    for (const { kind, value } of row.wanted?.ids ?? []) {
      if (!kinds.has(kind)) continue;
      if (only !== null && !only.includes(`${kind}\u0000${value}`)) continue;
      split(identifiers, kind, value);
    }
    return identifiers;
  };
}

/** Several kinds that are one identity (`email+zip`) travel apart. */
function split(identifiers: Record<string, string>, kind: string, value: string): void {
  if (!kind.includes("+")) {
    identifiers[kind] = value;
    return;
  }
  const values = JSON.parse(value) as readonly string[];
  kind.split("+").forEach((one, index) => {
    identifiers[one] = values[index] ?? "";
  });
}

function renderSpecial(
  special: readonly ShapedField[],
  given: Readonly<Record<string, Json>>,
  { asOf, lookups }: RenderContext,
): { readonly fields: Readonly<Record<string, Json>> } | Extract<Rendered, { reject: unknown }> {
  // A row may be rendered more than once: what it was given stays as it is.
  const fields = { ...given };
  for (const { to, mapping } of special) {
    const inputs = given[to] as Record<string, Json>;
    if ("template" in mapping) {
      try {
        fields[to] = renderTemplate(mapping.template, inputs, asOf);
      } catch (error) {
        return { reject: { code: "template_failed", message: `field "${to}": ${templateProblem(error)}` } };
      }
    } else if ("lookup" in mapping) {
      const by = Object.values(inputs)[0];
      const found = by === null || by === undefined ? undefined : lookups.get(to)?.get(String(by));
      if (found === undefined && mapping.on_missing !== "omit") {
        const message = `field "${to}": nothing found in "${mapping.lookup.object}"`;
        return { reject: { code: "lookup_missed", message } };
      }
      if (found === undefined) delete fields[to];
      else fields[to] = found;
    }
  }
  return { fields };
}

/** The template engine quotes values of the row after the first line and after `from`: keep what speaks of the template. */
function templateProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split("\n")[0] ?? "").slice(0, 200);
}
