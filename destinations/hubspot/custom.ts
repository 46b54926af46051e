import { defineObject, deliverRecords, exact } from "millrace/destination";
import { z } from "zod";
import { common, type Config, openFields } from "./api.ts";
import { knownBy, tableOf } from "./table.ts";

/** `custom`: records of the type that the sync's `remote:` names, custom objects foremost. */
export const custom = defineObject<Config, "id">({
  ...common,
  describe: "A record of any type, known by a property with unique values",
  kind: "record",
  identifiers: { id: exact("Value of id_property") },
  openFields,
  remote: z.object({
    custom_object: z.string().min(1).describe("Name or type id: p_machines, 2-123456; also companies, deals …"),
    id_property: z.string().min(1).describe("The property with unique values."),
  }),
  deliver(batch, ctx) {
    const { custom_object: path, id_property: by } = ctx.remoteConfig;
    return deliverRecords(batch, ctx, tableOf(ctx, knownBy(String(path), String(by))));
  },
});
