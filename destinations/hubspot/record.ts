/** What objects of records have in common that are known by a property of HubSpot's own. */
import type { Identifier } from "millrace/destination";
import { defineObject, deliverRecords, lookUp } from "millrace/destination";
import { common, type Config, openFields, searchLimits } from "./api.ts";
import { knownBy, type RecordType, tableOf } from "./table.ts";

/** An object of the records of one type; mappings with `lookup` may ask for them by any other unique property, too. */
export function recordsOf<Kind extends string>(
  type: RecordType,
  describe: string,
  identifiers: Readonly<Record<Kind, Identifier>>,
) {
  return defineObject<Config, Kind>({
    ...common,
    describe,
    kind: "record",
    identifiers,
    openFields,
    limits: type.unique ? common.limits : searchLimits,
    deliver: (batch, ctx) => deliverRecords(batch, ctx, tableOf(ctx, type)),
    lookup(by, values, ctx) {
      const asked = by === type.by ? type : knownBy(type.path, by);
      return lookUp(values, asked.form, tableOf(ctx, asked).find);
    },
  });
}
