import { join } from "node:path";
import { jsonSchemas } from "../project/json-schema.ts";
import { writeArtifact } from "./artifacts.ts";
import type { CommandContext } from "./command.ts";
import { openProject } from "./session.ts";
import { tellDone } from "./tell-done.ts";
import { usage } from "./usage.ts";

/** JSON Schemas (draft-07) for editors: one printed, or all written below .millrace/schema. */
export async function tellSchemas(context: CommandContext): Promise<0> {
  const schemas = jsonSchemas();
  const [name] = context.words;
  if (name !== undefined) {
    const schema = schemas[`${name}.json`];
    if (schema === undefined)
      throw usage(
        `there is no schema ${JSON.stringify(name)}`,
        `there are ${Object.keys(schemas)
          .map((file) => file.replace(".json", ""))
          .join(", ")}`,
      );
    context.terminal.json(schema);
    return 0;
  }
  if (!context.values.flag("write"))
    throw usage("say which schema to print, or --write to write all", "millrace schema --write");
  const { project } = await openProject(context, { loadCode: false });
  const files = Object.keys(schemas).map((file) => join(".millrace", "schema", file));
  for (const [file, schema] of Object.entries(schemas))
    await writeArtifact(join(project.root, ".millrace", "schema", file), `${JSON.stringify(schema, null, 2)}\n`);
  tellDone(context, {
    command: "schema",
    message: "Wrote the schemas; .vscode/settings.json of millrace init names them",
    files,
  });
  return 0;
}
