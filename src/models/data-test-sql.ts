import type { DataTestSpec } from "../project/project.ts";
import { wordsOf as ledgerWords } from "../ledger/words.ts";
import type { Dialect } from "../warehouse/warehouse.ts";
import { wordsOf } from "./words.ts";
import type { Json } from "../core.ts";

/**
 * A data test as SQL in the template language, so that it is checked like a model's: a query of what breaks the test.
 *
 * Columns of the result: `value` (what broke it, where that is a value) and `n` (how often). `row_count` gives one row, `n` the count.
 * Freshness is judged elsewhere: null.
 */
export function dataTestSql(dialect: Dialect, model: string, column: string | null, test: DataTestSpec): string | null {
  const { quote, literal } = dialect;
  const { text } = ledgerWords(dialect);
  const { asNumber: numberOf, together } = wordsOf(dialect);
  const columns = column === null ? listOf(test.arguments["columns"], String) : [column];
  const from = `{{ ref('${model}') }}${test.where === undefined ? "" : `\nwhere (${test.where}\n)`}`;
  const rows = `(select * from ${from}) tested`;
  const value = columns.length === 1 ? quote(columns[0] as string) : together(columns.map(quote));
  switch (test.type) {
    case "unique": {
      const filled = columns.map((each) => `${quote(each)} IS NOT NULL`).join(" AND ");
      return `select ${value} as value, count(*) as n from ${rows} where ${filled} group by all having count(*) > 1`;
    }
    case "not_null":
      return `select NULL as value, count(*) as n from ${rows} where ${columns.map((each) => `${quote(each)} IS NULL`).join(" OR ")} having count(*) > 0`;
    case "accepted_values": {
      const values = listOf(test.arguments["values"], (each) => each);
      const texts = values.map((each) => literal(typeof each === "string" ? each : JSON.stringify(each))).join(", ");
      const numbers = values.filter((each) => typeof each === "number").join(", ");
      // A number matches as a number too: 1 is 1.0 of a DOUBLE column.
      const asNumber = numbers === "" ? "" : ` OR coalesce(${numberOf(value)} IN (${numbers}), FALSE)`;
      return `select ${value} as value, count(*) as n from ${rows} where ${value} IS NOT NULL AND NOT (${text(value)} IN (${texts})${asNumber}) group by all`;
    }
    case "relationships": {
      const [, other = String(test.arguments["to"])] =
        /^\s*ref\(\s*['"]([^'"]+)['"]\s*\)\s*$/.exec(String(test.arguments["to"])) ?? [];
      const field = quote(String(test.arguments["field"]));
      return `select ${value} as value, count(*) as n from ${rows} where ${value} IS NOT NULL AND NOT EXISTS (select 1 from {{ ref('${other}') }} other where other.${field} = tested.${value}) group by all`;
    }
    case "expression":
      return `select NULL as value, count(*) as n from ${rows} where NOT (${String(test.arguments["expression"])}\n) having count(*) > 0`;
    case "row_count":
      return `select NULL as value, count(*) as n from ${rows}`;
    case "freshness":
      return null;
  }
}

function listOf<T>(value: Json | undefined, item: (each: Json) => T): readonly T[] {
  return Array.isArray(value) ? (value as readonly Json[]).map(item) : [];
}
