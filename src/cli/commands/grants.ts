import type { Command } from "../command.ts";

export const grants: Command = {
  name: "grants",
  group: "Start",
  summary: "print the grants that an environment's account needs in its warehouse, and no more",
  options: [
    {
      flags: "--to <name>",
      describe: "whom: a role of Snowflake, an account of Google Cloud; default: the one that the environment names",
    },
  ],
  examples: ["millrace grants -e prod", "millrace grants -e prod --to MILLRACE > grants.sql"],
  async run(context) {
    const { tellGrants } = await import("../tell-grants.ts");
    return tellGrants(context);
  },
};
