import type { Location } from "../../core.ts";
import { relationsOf } from "../library-calls.ts";
import { writtenCalls } from "../sql-texts.ts";
import { didYouMean, quoteText } from "../suggest.ts";
import { report, type RuleContext, type ValidationRule } from "./rule.ts";

/** source() of a source or table that no YAML declares. */
export const unknownSource: ValidationRule = {
  code: "E202",
  severity: "error",
  *check(context) {
    for (const { source, table, at } of calls(context)) {
      if (context.broken.has(`source:${source}`)) continue;
      const known = context.project.sources.get(source);
      if (!known)
        yield report(
          unknownSource,
          `there is no source called ${quoteText(source)}`,
          at,
          didYouMean(source, context.project.sources.keys(), "sources"),
        );
      else if (!known.spec.tables.some(({ name }) => name === table)) {
        yield report(
          unknownSource,
          `source "${source}" has no table ${quoteText(table)}`,
          at,
          didYouMean(
            table,
            known.spec.tables.map(({ name }) => name),
            "its tables",
          ),
        );
      }
    }
  },
  valid: { "models/more.sql": "select * from {{ source('shop', 'customers') }}" },
  invalid: { "models/more.sql": "select * from {{ source('shop', 'customer') }}" },
};

function* calls({ project }: RuleContext): Generator<{ source: string; table: string; at: Location }> {
  for (const { call, at } of writtenCalls(project)) {
    if (call.word === "source") yield { source: call.source, table: call.table, at: at(call) };
    for (const { spot, ...relation } of relationsOf(call))
      if ("source" in relation) yield { ...relation, at: at(spot) };
  }
}
