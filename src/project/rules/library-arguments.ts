import { readCall } from "../library-calls.ts";
import { writtenCalls } from "../sql-texts.ts";
import { report, type ValidationRule } from "./rule.ts";

/** Arguments of a library call that are missing, misspelt, or not what their parameter takes. */
export const libraryArguments: ValidationRule = {
  code: "E246",
  severity: "error",
  *check({ project }) {
    for (const { call, at } of writtenCalls(project)) {
      const read = readCall(call);
      if (read === null || !("problems" in read)) continue;
      for (const { message, spot, hint } of read.problems) yield report(libraryArguments, message, at(spot), hint);
    }
  },
  valid: {
    "models/more.sql":
      "select * from {{ ref('millrace.sessions', events='shop.customers', key='customer_id', at='seen_at', gap='2h') }}",
  },
  invalid: {
    "models/more.sql":
      "select * from {{ ref('millrace.sessions', events='customers', key='customer id', at='seen_at', gap='2m') }}",
  },
};
