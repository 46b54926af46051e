/** `millrace grants`: SQL that an administrator runs, or millrace/grants/v1. */
import type { z } from "zod";
import { accessOf } from "../models/access.ts";
import { granteeOf, openConnection, remoteTop } from "../models/connection.ts";
import { grantsOf, grantWords } from "../models/grants.ts";
import type { Project } from "../project/project.ts";
import type { CommandContext } from "./command.ts";
import type { grantsSchema } from "./schemas/grants.ts";
import { openProject } from "./session.ts";
import { grantsText } from "./text/grants.ts";
import { usage } from "./usage.ts";

type GrantsDocument = z.output<typeof grantsSchema>;

export async function tellGrants(context: CommandContext): Promise<0> {
  const { project } = await openProject(context, { loadCode: false });
  const document = grantsDocument(project, context);
  if (context.globals.json) context.terminal.json(document);
  else context.terminal.out(grantsText(document));
  return 0;
}

function grantsDocument(project: Project, { env, values }: CommandContext): GrantsDocument {
  const { name: environment, warehouse: spec } = project.environment;
  const head = { schema: "millrace/grants/v1", environment, warehouse: spec.type } as const;
  if (spec.type === "duckdb")
    return {
      ...head,
      to: null,
      statements: [],
      notes: ["DuckDB reads and writes files of this machine, which need no grants"],
    };
  const to = values.text("to") ?? granteeOf(project, spec, env);
  if (to === null)
    throw usage(
      "whom to grant to is not known",
      `name ${spec.type === "snowflake" ? "the role" : "the service account"}: millrace grants --to NAME`,
    );
  if (spec.type === "bigquery" && !/^[\w.:/@*+-]+$/.test(to))
    throw usage(
      `--to: ${JSON.stringify(to)} is no account of Google Cloud`,
      "serviceAccount:name@project.iam.gserviceaccount.com",
    );
  const connection = openConnection(project, spec, env);
  const words = grantWords(spec, { to, connection });
  const access = accessOf(project, spec, remoteTop(project, spec, env));
  return {
    ...head,
    to,
    statements: [...grantsOf(access, words)],
    notes: [
      ...words.notes(access),
      ...access.unknown.map(
        (file) => `${file} names a table by a variable: grant that one too, or read it by source()`,
      ),
    ],
  };
}
