import type { Command } from "../command.ts";

/** `dbt`: what millrace gives back to the dbt project whose models it reads. */
export const dbt: Command = {
  name: "dbt",
  group: "More",
  summary: "the dbt project behind this one: exposures",
  examples: ["millrace dbt exposures", "millrace dbt exposures --write ../dbt/models/exposures_millrace.yml"],
  commands: [
    {
      name: "exposures",
      summary: "audiences and syncs that read dbt, as exposures of dbt",
      options: [
        { flags: "--write <file>", describe: "write them to this file of the dbt project; default: print them" },
      ],
      async run(context) {
        const { writeExposures } = await import("../write-exposures.ts");
        return writeExposures(context);
      },
    },
  ],
};
