import type { Command } from "../command.ts";

export const schema: Command = {
  name: "schema",
  group: "More",
  summary: "JSON Schemas of the project's files, for editors",
  arguments: [{ name: "[name]", describe: "print one: millrace, models, destination, selectors" }],
  options: [{ flags: "--write", describe: "write all to .millrace/schema" }],
  examples: ["millrace schema --write", "millrace schema models"],
  async run(context) {
    const { tellSchemas } = await import("../tell-schemas.ts");
    return tellSchemas(context);
  },
};
