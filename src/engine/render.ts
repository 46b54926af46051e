/** A plan row as the change a destination is handed: fields rendered, encoded, and refused here when the platform would. */
import type { Json, Op } from "../core.ts";
import { encodeFields } from "../destination/encode.ts";
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
  const kinds = shape.identifiers.map(({ kind }) => kind);
  const identities = identitiesOf(shape);
  const onLeave = shape.sync.spec.on_leave;
  const leaveFields = typeof onLeave === "object" ? onLeave.set : {};

  return (row, op, only, key) => {
    const before = row.row === null ? undefined : beforeOf(row.row.ids, row.row.remoteId);
    const shared = { key: keyOf(row), idempotencyKey: key, ...(before === undefined ? {} : { before }) };
    if (op === "remove") {
      return { change: { op, ...shared, identifiers: removedIdentifiers(row, only), fields: {} } };
    }
    const leaving = row.wanted === null || row.wanted.ids.length === 0;
    const parsed = leaving ? leaveFields : (JSON.parse(row.fields ?? "{}") as Record<string, Json>);
    const failed = leaving ? null : renderSpecial(special, parsed as Record<string, Json>, context);
    if (failed !== null) return { reject: failed };
    const encoded = encodeFields(shape.object, parsed, leaving ? "clear" : shape.sync.spec.nulls);
    if ("reject" in encoded) return { reject: encoded.reject };
    const identifiers = leaving
      ? removedIdentifiers(row, only)
      : sentIdentifiers(
          row,
          kinds,
          identities.map(({ kind }) => kind),
          shape.object.identify,
          only,
        );
    return { change: { op, ...shared, identifiers, fields: encoded.fields } };
  };
}

const beforeOf = (ids: NonNullable<Change["before"]>["ids"], remoteId: string | null): NonNullable<Change["before"]> =>
  remoteId === null ? { ids } : { ids, remoteId };

function keyOf(row: PlanRow): Json {
  return row.key === null ? row.k : (JSON.parse(row.key) as Json);
}

/** What is taken away, as it was sent; `only` names identifier keys (kind, value) of this request. */
function removedIdentifiers(row: PlanRow, only: readonly string[] | null): Record<string, string> {
  const identifiers: Record<string, string> = {};
  for (const { kind, value } of union(row.row?.ids ?? [], row.wanted?.ids ?? [])) {
    if (kind === ownKey || (only !== null && !only.includes(`${kind}\u0000${value}`))) continue;
    split(identifiers, kind, value);
  }
  return identifiers;
}

function sentIdentifiers(
  row: PlanRow,
  kinds: readonly string[],
  identityKinds: readonly string[],
  identify: string,
  only: readonly string[] | null,
): Record<string, string> {
  const identifiers: Record<string, string> = {};
  if (identify === "key") {
    kinds.forEach((kind, index) => {
      const raw = row.raw[index];
      if (raw !== null && raw !== undefined) identifiers[kind] = raw;
    });
    return identifiers;
  }
  for (const { kind, value } of row.wanted?.ids ?? []) {
    if (!identityKinds.includes(kind)) continue;
    if (only !== null && !only.includes(`${kind}\u0000${value}`)) continue;
    split(identifiers, kind, value);
  }
  return identifiers;
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
  fields: Record<string, Json>,
  { asOf, lookups }: RenderContext,
): { code: string; message: string } | null {
  for (const { to, mapping } of special) {
    const inputs = fields[to] as Record<string, Json>;
    if ("template" in mapping) {
      try {
        fields[to] = renderTemplate(mapping.template, inputs, asOf);
      } catch (error) {
        return { code: "template_failed", message: `field "${to}": ${templateProblem(error)}` };
      }
    } else if ("lookup" in mapping) {
      const by = Object.values(inputs)[0];
      const found = by === null || by === undefined ? undefined : lookups.get(to)?.get(String(by));
      if (found === undefined && mapping.on_missing !== "omit") {
        return { code: "lookup_missed", message: `field "${to}": nothing found in "${mapping.lookup.object}"` };
      }
      if (found === undefined) delete fields[to];
      else fields[to] = found;
    }
  }
  return null;
}

/** The template engine quotes values of the row after the first line and after `from`: keep what speaks of the template. */
function templateProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split("\n")[0] ?? "").slice(0, 200);
}
