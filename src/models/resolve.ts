import type { Json } from "../core.ts";
import { failure, type MillraceError } from "../errors.ts";
import type { Project } from "../project/project.ts";
import { didYouMean } from "../project/suggest.ts";
import type { Dialect } from "../warehouse/warehouse.ts";
import type { Call, Resolvers } from "../project/template.ts";

/** A table that words of templates name: of a source, of a seed, or of a node of dbt. */
export type Named =
  | { readonly source: string; readonly table: string }
  | { readonly seed: string }
  | { readonly dbt: string };

/** What the words of a template stand for in one environment. */
export interface Naming {
  readonly project: Project;
  /** Process environment, for env_var. */
  readonly env: Readonly<Record<string, string | undefined>>;
  relationOf(what: Named): string;
  readonly modelSchema: string;
  readonly dialect: Pick<Dialect, "quote">;
  /** Inputs of a unit test: names of refs, or {@link sourceKey}s. They stand in the SQL as refs do. */
  readonly given: ReadonlySet<string>;
}

/** What a text was found to read, filled in while it is rendered. */
export interface Reads {
  /** Models, segments and audiences, in order of appearance. */
  readonly names: Set<string>;
  /** Relations as they stand in the SQL. */
  readonly relations: Set<string>;
}

/** `source('shop', 'orders')`: how inputs of unit tests name a source table. */
export function sourceKey(source: string, table: string): string {
  return `source('${source}', '${table}')`;
}

/** The alias under which a ref stands in compiled SQL: never a name a user can give (decision 26), so no CTE of theirs hides it. */
export const aliasOf = ({ quote }: Pick<Dialect, "quote">, name: string): string => quote(`ref__${name}`);

/**
 * Resolvers for one file; errors carry the place of the word: E201 unknown ref, E202 unknown source, E215 unknown variable,
 * E216 a variable of the environment that is not listed or not set.
 */
export function resolversFor(naming: Naming, file: string, self: string | null, reads: Reads): Resolvers {
  const { project, env } = naming;
  const fail = (call: Call, code: string, message: string, hint?: string): MillraceError =>
    failure(code, message, {
      at: { file, line: call.line, column: call.column, length: call.length },
      ...(hint === undefined ? {} : { hint }),
    });
  const relation = (text: string): string => {
    reads.relations.add(text);
    return text;
  };
  return {
    ref(name, call) {
      if (
        naming.given.has(name) ||
        project.models.has(name) ||
        project.segments.has(name) ||
        project.audiences.has(name)
      ) {
        reads.names.add(name);
        return relation(aliasOf(naming.dialect, name));
      }
      if (project.seeds.has(name) && !name.includes(".")) return relation(naming.relationOf({ seed: name }));
      const known = [
        ...project.models.keys(),
        ...(project.dbt?.nodes.keys() ?? []),
        ...project.seeds.keys(),
        ...project.segments.keys(),
        ...project.audiences.keys(),
      ].filter((each) => !each.includes("."));
      throw fail(call, "E201", `there is no model, seed, segment or audience "${name}"`, didYouMean(name, known));
    },
    source(source, table, call) {
      const declared = project.sources.get(source);
      if (declared?.spec.tables.some(({ name }) => name === table) !== true) {
        const known = [...project.sources.values()].flatMap(({ name, spec }) =>
          spec.tables.map((each) => `${name}.${each.name}`),
        );
        throw fail(
          call,
          "E202",
          `there is no source table "${source}.${table}"`,
          didYouMean(`${source}.${table}`, known),
        );
      }
      if (!naming.given.has(sourceKey(source, table))) return relation(naming.relationOf({ source, table }));
      reads.names.add(sourceKey(source, table));
      return relation(aliasOf(naming.dialect, sourceKey(source, table)));
    },
    var(name, fallback, call) {
      const value = project.vars[name] ?? fallback;
      if (value === undefined)
        throw fail(call, "E215", `there is no variable "${name}"`, didYouMean(name, Object.keys(project.vars)));
      return insideQuotes(value);
    },
    envVar(name, fallback, call) {
      if (!project.envVars.includes(name))
        throw fail(call, "E216", `env_var("${name}") is not listed`, "list it under env_vars in millrace.yml");
      const value = env[name] ?? fallback;
      if (value === undefined) throw fail(call, "E216", `the environment variable ${name} is not set`);
      return insideQuotes(value);
    },
    this(call) {
      if (self === null)
        throw fail(call, "E201", "{{ this }} stands for a model's own table, and this file is no model");
      if (project.models.get(self)?.dbt !== undefined) return relation(naming.relationOf({ dbt: self }));
      return relation(`${naming.modelSchema}.${naming.dialect.quote(self)}`);
    },
    target: project.environment.name,
  };
}

/** A value as text for a place inside quotes (`'{{ var("from") }}'`): its own quotes doubled, so that it cannot end them. */
function insideQuotes(value: Json): string {
  return (typeof value === "string" ? value : JSON.stringify(value)).replaceAll("'", "''");
}
