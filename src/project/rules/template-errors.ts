import { templateOf } from "../graph.ts";
import { sqlTexts } from "../sql-texts.ts";
import { report, type ValidationRule } from "./rule.ts";

/** What is not in the template language of SQL. */
export const templateErrors: ValidationRule = {
  code: "E214",
  severity: "error",
  *check({ project }) {
    for (const { sql, file } of sqlTexts(project)) {
      for (const { message, hint, line, column, length } of templateOf(sql).problems)
        yield report(templateErrors, message, { file, line, column, length }, hint);
    }
  },
  valid: { "models/more.sql": "select '{{ target.name }}' as x {# a comment #} from {{ ref('customers') }}" },
  invalid: { "models/more.sql": "{% if true %} select 1 {% endif %}" },
};
