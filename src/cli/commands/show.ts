import type { Command } from "../command.ts";

export const show: Command = {
  name: "show",
  group: "Author",
  summary: "run a model or audience and print rows or counts",
  arguments: [{ name: "<name>", describe: "a model, seed, segment or audience", completes: "any" }],
  options: [
    { flags: "--count", describe: "only how many rows" },
    { flags: "--limit <n>", describe: "rows", default: "10" },
    { flags: "--columns <names>", describe: "only these, by commas" },
    {
      flags: "--format <format>",
      describe: "table, csv or ndjson",
      choices: ["table", "csv", "ndjson"],
      default: "table",
    },
    { flags: "--reveal-pii", describe: "personal data as it is, where the environment allows it (audited)" },
    { flags: "--sql", describe: "print the compiled SQL and run nothing" },
  ],
  examples: [
    "millrace show customers",
    "millrace show lapsed_buyers --count",
    "millrace show customers --columns customer_id,country --format csv",
  ],
  async run(context) {
    const { showSomething } = await import("../show-something.ts");
    return showSomething(context);
  },
};
