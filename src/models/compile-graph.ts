import { createHash } from "node:crypto";
import { failure, type MillraceError } from "../errors.ts";
import type { Project } from "../project/project.ts";
import { aliasOf } from "./resolve.ts";
import { bare, unitOf, type Parts, type Unit } from "./unit.ts";
import { wordsOf } from "./words.ts";

/** Queries put together from units: each ref a CTE, parents first. */
export interface Graph {
  query(name: string): string;
  unitQuery(unit: Unit): string;
  hash(model: string): string;
  /** The body of the CTE of a ref, and the refs it reads itself. */
  body(name: string): { readonly sql: string; readonly reads: ReadonlySet<string>; readonly inline: boolean };
}

/** Queries of one compiler; texts and hashes are made when first asked for. */
export function createGraph({ project, target, options, models, dependencies }: Parts): Graph {
  const { dialect } = target.warehouse;
  const { inlined } = wordsOf(dialect);
  const hashes = new Map<string, string>();
  // Names being compiled, outermost first: audiences come back through keysOf, so the trail lives across calls.
  const trail: string[] = [];
  const within = <T>(name: string, work: () => T): T => {
    if (trail.includes(name)) throw cycle(project, [...trail.slice(trail.indexOf(name)), name]);
    trail.push(name);
    try {
      return work();
    } finally {
      trail.pop();
    }
  };
  // Hashes are asked for while their model is being compiled: they keep a trail of their own.
  const hashing: string[] = [];
  const remembered = (key: string, work: () => string): string => {
    const known = hashes.get(key);
    if (known !== undefined) return known;
    if (hashing.includes(key)) throw cycle(project, [...hashing.slice(hashing.indexOf(key)), key]);
    hashing.push(key);
    try {
      const value = work();
      hashes.set(key, value);
      return value;
    } finally {
      hashing.pop();
    }
  };
  const hash = (name: string): string =>
    remembered(name, () => {
      const set = project.segments.get(name) ?? project.audiences.get(name);
      if (set !== undefined)
        return digest([
          JSON.stringify(set.spec, plain),
          ...modelsAbove(`${project.segments.has(name) ? "segment" : "audience"}:${name}`).map(hash),
        ]);
      const unit = unitOf(models, name);
      return digest([unit.rendered.sql, ...[...unit.names].map(hash)]);
    });
  const modelsAbove = (id: string): readonly string[] =>
    [...dependencies.upstream(id)]
      .filter((each) => each.startsWith("model:"))
      .map((each) => each.slice("model:".length));
  const keys = (name: string): string => {
    if (options.keysOf === undefined) throw failure("E243", `the keys of "${name}" are not known here`);
    return options.keysOf(name);
  };
  const body = (name: string): ReturnType<Graph["body"]> => {
    const given = options.given?.get(name);
    if (given !== undefined) return { sql: given, reads: new Set(), inline: false };
    const model = project.models.get(name);
    if (model === undefined) return { sql: keys(name), reads: new Set(), inline: false };
    if (model.spec.materialize === "table" && options.built?.get(name) === hash(name)) {
      return {
        sql: `SELECT * FROM ${target.modelSchema}.${dialect.quote(name)}`,
        reads: new Set(),
        inline: true,
      };
    }
    const unit = unitOf(models, name);
    return { sql: unit.rendered.sql, reads: unit.names, inline: model.spec.materialize === "inline" };
  };
  /** CTEs of everything above, parents first. */
  const collect = (names: Iterable<string>, into: Map<string, string>): void => {
    for (const name of names) {
      if (into.has(name)) continue;
      within(name, () => {
        const { sql, reads, inline } = body(name);
        collect(reads, into);
        into.set(name, `${aliasOf(dialect, name)} AS ${inline ? inlined : ""}(\n${bare(sql)}\n)`);
      });
    }
  };
  const unitQuery = (unit: Unit): string =>
    within(unit.name, () => {
      const ctes = new Map<string, string>();
      collect(unit.names, ctes);
      // In parentheses: the text may begin with a WITH of its own and end in a comment.
      const above = ctes.size === 0 ? "" : `WITH ${[...ctes.values()].join(",\n")}\n`;
      return `${above}SELECT * FROM (\n${bare(unit.rendered.sql)}\n)`;
    });
  const query = (name: string): string => {
    const model = project.models.get(name);
    if (model !== undefined) {
      if (model.spec.materialize === "table" && options.built?.get(name) === hash(name)) return body(name).sql;
      return unitQuery(unitOf(models, name));
    }
    if (project.seeds.has(name)) return `SELECT * FROM ${target.relationOf({ seed: name })}`;
    if (project.segments.has(name) || project.audiences.has(name)) return within(name, () => keys(name));
    throw failure("E201", `there is no model, seed, segment or audience "${name}"`);
  };
  return { query, unitQuery, hash, body };
}

function cycle(project: Project, names: readonly string[]): MillraceError {
  const [first = ""] = names;
  const model = project.models.get(first);
  const at =
    model === undefined
      ? (project.segments.get(first) ?? project.audiences.get(first))?.at()
      : { file: model.sqlFile, line: 1, column: 1 };
  return failure("E210", `these read each other in a circle: ${names.join(" -> ")}`, at === undefined ? {} : { at });
}

function digest(texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex");
}

/** Rules may hold integers that JSON has no number for. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
