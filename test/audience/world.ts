/** A small project over tables of an in-memory DuckDB, for the tests of src/audience. */
import type { AudienceContext } from "../../src/audience/context.ts";
import type { AudienceSpec, ModelSpec, Resource, SegmentSpec } from "../../src/project/project.ts";
import { openDuckDB, type DuckDBWarehouse } from "../../src/warehouse/duckdb.ts";
import type { Column, Dialect } from "../../src/warehouse/warehouse.ts";

export interface WorldSpec {
  readonly asOf?: string;
  readonly timezone?: string;
  /** Table name -> its query and key. */
  readonly models: Readonly<
    Record<
      string,
      {
        readonly sql: string;
        readonly key: readonly string[];
        readonly identifiers?: Readonly<Record<string, string>>;
      }
    >
  >;
  readonly segments?: Readonly<Record<string, Partial<SegmentSpec> & { readonly model: string }>>;
  readonly audiences?: Readonly<Record<string, Partial<AudienceSpec> & { readonly model: string }>>;
}

export interface World {
  readonly context: AudienceContext;
  readonly warehouse: DuckDBWarehouse;
}

export async function openWorld(spec: WorldSpec): Promise<World> {
  const warehouse = await openDuckDB();
  const columns = new Map<string, readonly Column[]>();
  for (const [name, model] of Object.entries(spec.models)) {
    await warehouse.execute(`CREATE TABLE ${name} AS ${model.sql}`);
    columns.set(name, await warehouse.describe(`SELECT * FROM ${name}`));
  }
  for (const [name, { sqlText }] of Object.entries({ ...spec.segments, ...spec.audiences })) {
    if (sqlText !== undefined) columns.set(name, await warehouse.describe(sqlText));
  }
  return { context: contextOf(spec, warehouse.dialect, columns), warehouse };
}

/** The project of a spec over relations that are there: tables of its models by their names, unless `query` says another. */
export function contextOf(
  spec: WorldSpec,
  dialect: Dialect,
  columns: ReadonlyMap<string, readonly Column[]>,
  query: (model: string) => string = (name) => `SELECT * FROM ${name} -- all of them`,
): AudienceContext {
  const segments = new Map(
    Object.entries(spec.segments ?? {}).map(([name, given]) => [
      name,
      resource(name, "segments", segment(name, given)),
    ]),
  );
  const audiences = new Map(
    Object.entries(spec.audiences ?? {}).map(([name, given]) => [
      name,
      resource(name, "audiences", {
        ...segment(name, given),
        status: "active" as const,
        exclude: [],
        ...given,
      }),
    ]),
  );
  return {
    project: {
      timezone: spec.timezone ?? "UTC",
      models: new Map(
        Object.entries(spec.models).map(([name, { key, identifiers }]) => [
          name,
          {
            ...resource(name, "models", modelSpec(name, key, identifiers ?? {})),
            sql: "",
            sqlFile: "",
          },
        ]),
      ),
      seeds: new Map(),
      segments,
      audiences,
    },
    dialect,
    asOf: spec.asOf ?? "2026-06-15T12:00:00Z",
    modelQuery: query,
    modelColumns: (name) => columns.get(name)!,
    sqlQuery: (name) => (audiences.get(name) ?? segments.get(name))!.spec.sqlText!,
    sqlColumns: (name) => columns.get(name)!,
  };
}

/** The first column of a query, sorted as text. */
export async function keysOf(world: World, sql: string): Promise<readonly unknown[]> {
  const rows = await world.warehouse.rows(sql);
  return rows.map((row) => Object.values(row)[0]).toSorted((one, other) => (String(one) < String(other) ? -1 : 1));
}

function resource<Spec>(name: string, kind: string, spec: Spec): Resource<Spec> {
  return {
    name,
    spec,
    file: `models/${kind}/${name}.yml`,
    at: (path = []) => ({
      file: `models/${kind}/${name}.yml:${path.join(".")}`,
      line: 1,
      column: 1,
    }),
  };
}

function segment(name: string, given: Partial<SegmentSpec> & { readonly model: string }): SegmentSpec {
  return {
    name,
    tags: [],
    meta: {},
    tests: [],
    guards: {},
    ...given,
    ...(given.sqlText === undefined ? {} : { sql: `${name}.sql` }),
  };
}

function modelSpec(name: string, key: readonly string[], identifiers: Readonly<Record<string, string>>): ModelSpec {
  return {
    name,
    tags: [],
    meta: {},
    materialize: "view",
    primary_key: key,
    identifiers,
    columns: [],
    data_tests: [],
    null_keys: 0.01,
  };
}
