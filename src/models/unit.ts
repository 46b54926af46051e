import { exitCodes, failure, MillraceError } from "../errors.ts";
import type { Diagnostic } from "../core.ts";
import type { Graph } from "../project/graph.ts";
import type { Project } from "../project/project.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { Rendered } from "./rendered.ts";
import type { Naming } from "./resolve.ts";
import type { Session } from "./session.ts";

export interface CompilerOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A query of the keys of a segment or audience; given by the audience layer. Without it a ref to one is E243. */
  readonly keysOf?: (name: string) => string;
  /** Table models as last built: name -> definition hash. They are read as built while the hash is today's (decision 1). */
  readonly built?: ReadonlyMap<string, string>;
  /** Unit tests: SELECTs that stand for inputs, by the name of a ref, or `source('a', 'b')`. */
  readonly given?: ReadonlyMap<string, string>;
}

/** Where compiled SQL runs: a session, or anything that can name relations. */
export interface CompileTarget extends Omit<Naming, "project" | "env" | "given" | "dialect"> {
  readonly warehouse: Warehouse;
  checkReadOnly: Session["checkReadOnly"];
}

/** One SQL file: a model, or the `sql:` of a segment or audience. */
export interface Unit {
  readonly name: string;
  readonly file: string;
  readonly rendered: Rendered;
  /** Direct reads by ref. */
  readonly names: ReadonlySet<string>;
  readonly relations: ReadonlySet<string>;
}

/** A unit, or why there is none. */
export type Kept = { readonly unit: Unit } | { readonly problems: readonly Diagnostic[] };

/** What the pieces of a compiler share. */
export interface Parts {
  readonly project: Project;
  readonly naming: Naming;
  readonly target: CompileTarget;
  readonly options: CompilerOptions;
  readonly models: ReadonlyMap<string, Kept>;
  readonly texts: ReadonlyMap<string, Kept>;
  /** What reads what, by `kind:name`. */
  readonly dependencies: Graph;
}

/** The unit of a name. Throws its problems. */
export function unitOf(kept: ReadonlyMap<string, Kept>, name: string): Unit {
  const found = kept.get(name);
  if (found === undefined) throw failure("E201", `there is no SQL of "${name}"`);
  if ("problems" in found) throw new MillraceError(exitCodes.failed, found.problems);
  return found.unit;
}

/** Without the semicolon at its end: the text will stand in parentheses. */
export function bare(sql: string): string {
  return sql.replace(/;\s*$/, "");
}
