/** The project's SQL ready to be asked: an open environment (nothing is written), compiled models, audiences as queries. */
import { audienceRows, segmentKeys } from "../audience/rows.ts";
import type { AudienceContext } from "../audience/context.ts";
import { type Compiler, createCompiler } from "../models/compile.ts";
import { openSession, type Session } from "../models/session.ts";
import type { CommandContext } from "./command.ts";
import type { OpenProject } from "./session.ts";

export interface Workbench {
  readonly session: Session;
  readonly compiler: Compiler;
  readonly audiences: AudienceContext;
  /** Rows of a model, seed or audience; keys of a segment. */
  query(name: string): string;
}

/** Opens the environment for `work` and closes it whatever happens. Columns of everything with SQL are found first. */
export async function withWorkbench<T>(
  context: CommandContext,
  opened: OpenProject,
  work: (bench: Workbench) => Promise<T>,
): Promise<T> {
  const { project } = opened;
  const session = await openSession(project, { write: false, env: context.env });
  try {
    const compiler = await createCompiler(project, session, { env: context.env, keysOf: (name) => keysOf(name) });
    const audiences: AudienceContext = {
      project,
      dialect: session.warehouse.dialect,
      asOf: String(project.vars["as_of"]),
      modelQuery: (name) => compiler.query(name),
      modelColumns: (name) => compiler.columns(name),
      sqlQuery: (name) => compiler.sqlQuery(name),
      sqlColumns: (name) => compiler.sqlColumns(name),
    };
    const keysOf = (name: string): string => segmentKeys(audiences, name);
    const written = [...project.segments.values(), ...project.audiences.values()].filter(
      (one) => one.spec.sqlText !== undefined,
    );
    await compiler.prepare([...project.models.keys(), ...project.seeds.keys(), ...written.map((one) => one.name)]);
    return await work({
      session,
      compiler,
      audiences,
      query: (name) => (project.audiences.has(name) ? audienceRows(audiences, name) : compiler.query(name)),
    });
  } finally {
    await session.close();
  }
}
