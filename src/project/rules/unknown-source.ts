import { sourceMentions } from "../mentions.ts";
import { didYouMean, quoteText } from "../suggest.ts";
import { report, type ValidationRule } from "./rule.ts";

/** source() of a source or table that no YAML declares. */
export const unknownSource: ValidationRule = {
  code: "E202",
  severity: "error",
  *check(context) {
    for (const { source, table, at } of sourceMentions(context.project)) {
      if (context.broken.has(`source:${source}`) || context.broken.has("dbt:manifest")) continue;
      const known = context.project.sources.get(source);
      if (!known)
        yield report(
          unknownSource,
          `there is no source called ${quoteText(source)}`,
          at(),
          didYouMean(
            source,
            [...context.project.sources.keys(), ...(context.project.dbt?.sources.keys() ?? [])],
            "sources",
          ),
        );
      else if (!known.spec.tables.some(({ name }) => name === table)) {
        yield report(
          unknownSource,
          `source "${source}" has no table ${quoteText(table)}`,
          at(),
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
