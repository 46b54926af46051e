import type { Command } from "../command.ts";
import { usage } from "../usage.ts";

const templates = ["shop", "b2b", "blank"] as const;
const warehouses = ["duckdb", "bigquery", "snowflake"] as const;

export const init: Command = {
  name: "init",
  group: "Start",
  summary: "create a project (DuckDB sample data, works offline)",
  arguments: [{ name: "[folder]", describe: "where; default: this folder" }],
  options: [
    { flags: "--template <name>", describe: "what to start from", choices: templates, default: "shop" },
    {
      flags: "--warehouse <type>",
      describe: "where the data is: another one gets an environment prod beside dev",
      choices: warehouses,
      default: "duckdb",
    },
    { flags: "--name <name>", describe: "the project's name; default: the folder's" },
  ],
  examples: ["millrace init", "millrace init shop --template blank", "millrace init shop --warehouse bigquery"],
  async run(context) {
    const { basename, join, relative, resolve } = await import("node:path");
    const { existsSync, mkdirSync, writeFileSync } = await import("node:fs");
    const asked = context.values.text("warehouse");
    const warehouse = warehouses.find((one) => one === asked) ?? "duckdb";
    const { projectFiles } = await import("../init/templates.ts");
    const folder = resolve(context.folder, context.globals.projectFolder ?? "", context.words[0] ?? "");
    const name = projectName(context.values.text("name") ?? basename(folder));
    const template = context.values.text("template") ?? "shop";
    const files = projectFiles({ template, name, warehouse }, context.now());
    const taken = Object.keys(files).filter((path) => existsSync(join(folder, path)));
    // A readme or a .gitignore may be there already: those are kept. A project must not be overwritten.
    if (taken.includes("millrace.yml"))
      throw usage(
        `${relative(context.folder, join(folder, "millrace.yml"))} is there already`,
        "choose another folder: millrace init <folder>",
        "E003",
      );
    const written = Object.keys(files).filter((path) => !taken.includes(path));
    for (const path of written) {
      const file = join(folder, path);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, files[path]!, { flag: "wx" });
    }
    const here = relative(context.folder, folder);
    const message = `Created project "${name}" in ${here === "" ? "this folder" : here}: ${written.length} files`;
    if (context.globals.json)
      context.terminal.json({ schema: "millrace/done/v1", command: "init", message, files: written, rows: null });
    else {
      context.terminal.out(
        [message, ...written.map((path) => `  ${path}`), ...taken.map((path) => `  ${path} (kept as it was)`)].join(
          "\n",
        ),
      );
      context.terminal.out(
        [
          "",
          "Next:",
          ...(here === "" ? [] : [`  cd ${here}`]),
          "  millrace plan       what would be sent, person by person; sends nothing",
          "  millrace sync       sends it (here: to files below outbox/)",
          "  millrace status     what is healthy",
          ...inTheCloud[warehouse],
        ].join("\n"),
      );
    }
    return 0;
  },
};

/** What is left to do for the environment prod. */
const inTheCloud: Readonly<Record<(typeof warehouses)[number], readonly string[]>> = {
  duckdb: [],
  bigquery: [
    "Then, for BigQuery (environment prod in millrace.yml):",
    "  npm install @google-cloud/bigquery",
    "  millrace grants -e prod --to ACCOUNT   what the account must be granted, as SQL",
    "  millrace doctor -e prod                whether all is there",
  ],
  snowflake: [
    "Then, for Snowflake (environment prod in millrace.yml):",
    "  npm install snowflake-sdk",
    "  millrace grants -e prod                what the role must be granted, as SQL",
    "  millrace doctor -e prod                whether all is there",
  ],
};

/** A name as the formats want it (decision 26), out of whatever the folder is called. */
function projectName(text: string): string {
  const name = text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^[^a-z]+|_+$/g, "")
    .slice(0, 63);
  return name === "" ? "project" : name;
}
