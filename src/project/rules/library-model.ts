import { libraryModel, libraryNames } from "../library.ts";
import { writtenCalls } from "../sql-texts.ts";
import { didYouMean, quoteText } from "../suggest.ts";
import { report, type ValidationRule } from "./rule.ts";

/** ref('millrace.…') of a model that the library does not have. */
export const libraryModelName: ValidationRule = {
  code: "E245",
  severity: "error",
  *check({ project }) {
    for (const { call, at } of writtenCalls(project)) {
      if (call.word !== "ref" || call.library === undefined) continue;
      const { model } = call.library;
      if (libraryModel(model) === null)
        yield report(
          libraryModelName,
          `the library has no model ${quoteText(model)}`,
          at(call),
          didYouMean(model, libraryNames(), "it has"),
        );
    }
  },
  valid: {
    "models/more.sql":
      "select * from {{ ref('millrace.sessions', events='customers', key='customer_id', at='seen_at') }}",
  },
  invalid: {
    "models/more.sql":
      "select * from {{ ref('millrace.session', events='customers', key='customer_id', at='seen_at') }}",
  },
};
