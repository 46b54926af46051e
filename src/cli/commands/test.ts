import { exitCodes } from "../../errors.ts";
import type { Command } from "../command.ts";

export const test: Command = {
  name: "test",
  group: "Author",
  summary: "unit tests, data tests, audience tests, freshness",
  arguments: [{ name: "[name...]", describe: "models or audiences; default: all", completes: "any" }],
  options: [
    { flags: "--unit", describe: "only unit tests: need no data" },
    { flags: "--data", describe: "only tests of data, audiences and freshness" },
    { flags: "--store-failures", describe: "write the rows that break data tests below target/failures (masked)" },
    { flags: "--update", describe: "accept what unit tests give now: their expected rows are rewritten" },
    {
      flags: "--reporter <reporter>",
      describe: "text, json, junit, github or sarif, with :FILE to write a file (repeatable)",
      repeat: true,
    },
  ],
  examples: [
    "millrace test",
    "millrace test customers --unit",
    "millrace test customers --unit --update",
    "millrace test -e ci --reporter junit:target/junit.xml",
  ],
  async run(context) {
    const { runTests } = await import("../run-tests.ts");
    const report = await runTests(context);
    const { tellReport } = await import("../tell-report.ts");
    await tellReport(context, report);
    return report.tests.some((one) => one.status === "failed" || one.status === "errored")
      ? exitCodes.failed
      : exitCodes.ok;
  },
};
