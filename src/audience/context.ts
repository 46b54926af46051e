import type { Location } from "../core.ts";
import { failure } from "../errors.ts";
import type { AudienceSpec, Project, Resource, SegmentSpec } from "../project/project.ts";
import type { Column, Dialect } from "../warehouse/warehouse.ts";
import type { Reference } from "./duration.ts";

/** What audiences need to know of the rest: files, names, columns and the text of queries. No connection. */
export interface AudienceContext {
  readonly project: Pick<Project, "timezone" | "models" | "seeds" | "segments" | "audiences">;
  readonly dialect: Dialect;
  /** ISO timestamp, UTC: everything relative is counted from here (decision 4). */
  readonly asOf: string;
  /** A query of all rows of a model or seed. */
  modelQuery(name: string): string;
  modelColumns(name: string): readonly Column[];
  /** The compiled text of the `sql:` file of a segment or audience. */
  sqlQuery(name: string): string;
  sqlColumns(name: string): readonly Column[];
  /** A query with a text column `k` ({@link keySql}) of those who are members now; null where nobody was yet. */
  currentMembers?(audience: string): string | null;
  /** A query of the primary key columns of an audience's eligible members, where they are already computed. */
  eligible?(audience: string): string | null;
}

/** A value's place in a resource, for diagnostics. */
export interface Place {
  readonly resource: Resource<unknown> | null;
  readonly path: readonly (string | number)[];
}

/** The place of a key or index below a place. */
export function below(place: Place, ...path: readonly (string | number)[]): Place {
  return { resource: place.resource, path: [...place.path, ...path] };
}

/** `{ at }` of a place, empty where nothing was read from a file. */
export function locate(place: Place): { readonly at?: Location } {
  return place.resource === null ? {} : { at: place.resource.at(place.path) };
}

/** What relative times are counted from. */
export function reference(context: Pick<AudienceContext, "asOf" | "project">): Reference {
  return { asOf: Date.parse(context.asOf), timezone: context.project.timezone };
}

/** The primary key columns of a model. Throws E236 for a model without one: its rows cannot be members of anything. */
export function primaryKey(context: AudienceContext, model: string): readonly Column[] {
  const resource = context.project.models.get(model);
  const names = resource?.spec.primary_key ?? [];
  if (names.length === 0) {
    throw failure("E236", `model "${model}" has no primary_key, so nobody can be a member of an audience of it`, {
      ...locate({ resource: resource ?? null, path: [] }),
      hint: "add primary_key: COLUMN to the model's YAML",
    });
  }
  const columns = context.modelColumns(model);
  return names.map((name) => {
    const column = columns.find((candidate) => candidate.name === name);
    if (column !== undefined) return column;
    throw failure("E235", `model "${model}" has no column "${name}", its primary_key`, {
      ...locate({ resource: resource ?? null, path: ["primary_key"] }),
    });
  });
}

/** The segment or audience of a name. Throws E232 when there is none. */
export function membership(
  context: Pick<AudienceContext, "project">,
  name: string,
): Resource<SegmentSpec | AudienceSpec> {
  const found = context.project.audiences.get(name) ?? context.project.segments.get(name);
  if (found === undefined) throw failure("E232", `there is no segment or audience "${name}"`);
  return found;
}
