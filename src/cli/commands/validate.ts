import { exitCodes } from "../../errors.ts";
import type { Command } from "../command.ts";

export const validate: Command = {
  name: "validate",
  group: "Author",
  summary: "check all files (offline; --online also asks the warehouse)",
  options: [
    { flags: "--online", describe: "also compile every model against the warehouse" },
    { flags: "--fix", describe: "mend what has one safe answer: a misspelt key with one candidate" },
    { flags: "--stdin-filename <file>", describe: "standard input is this file's text, not yet saved: for editors" },
    { flags: "--load-code", describe: "also load the project's own destinations" },
    {
      flags: "--reporter <reporter>",
      describe: "text, json, junit, github or sarif, with :FILE to write a file (repeatable)",
      repeat: true,
    },
  ],
  examples: [
    "millrace validate",
    "millrace validate --fix",
    "millrace validate --reporter github --reporter sarif:target/millrace.sarif",
  ],
  async run(context) {
    const { validateProject } = await import("../validate-project.ts");
    const { report, ok } = await validateProject(context);
    const { tellReport } = await import("../tell-report.ts");
    await tellReport(context, report);
    return ok ? exitCodes.ok : exitCodes.failed;
  },
};
