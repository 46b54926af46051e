import type { Command } from "../command.ts";

export const lineage: Command = {
  name: "lineage",
  group: "Understand",
  summary: "where a column, an audience or a field of a destination comes from",
  arguments: [
    {
      name: "<name>",
      describe:
        "a model, segment, audience, sync or source.table; a column of one: customers.email; a field: SYNC:FIELD",
      completes: "any",
    },
  ],
  options: [
    { flags: "--downstream", describe: "what reads it, instead of what it is made of" },
    { flags: "--openlineage", describe: "print OpenLineage events (JSON) of everything it is made of" },
  ],
  examples: [
    "millrace lineage lapsed_buyers",
    "millrace lineage lapsed_buyers_to_exports:country",
    "millrace lineage shop.orders.status --downstream",
  ],
  async run(context) {
    const { tellLineage } = await import("../tell-lineage.ts");
    return tellLineage(context);
  },
};
