/**
 * A second opinion on SQL of BigQuery: goccy's emulator analyses it with Google's own analyser. Statements that were sent elsewhere
 * are sent there again, in order, as it takes them.
 */
import type { BigQueryEmulator } from "./bigquery.ts";
import type { Asked } from "./tap.ts";

export interface Analyser {
  /** What it says against a text; null where it has nothing to say. What then happens when it runs does not matter. */
  complaint(asked: Asked): Promise<string | null>;
}

/** `project`: whose datasets are made there when a statement makes them. */
export function analyserAt({ options: { endpoint = "", projectId } }: BigQueryEmulator): Analyser {
  const place = `${endpoint}/bigquery/v2/projects/${projectId}`;
  const columns = new Map<string, string>();
  const post = async (path: string, body: object): Promise<string | null> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${place}/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    const { error } = (await answer.json()) as { readonly error?: { readonly message: string } };
    return error !== undefined && /^failed to (analyze|parse)/.test(error.message) ? error.message : null;
  };
  return {
    async complaint(asked) {
      for (const sql of statementsOf(asked.sql)) {
        const said = await one({ ...asked, sql });
        if (said !== null) return said;
      }
      return null;
    },
  };

  async function one({ sql, look, parameters }: Asked): Promise<string | null> {
    const schema = /^CREATE SCHEMA IF NOT EXISTS `[^`]+`\.`(\w+)`$/.exec(sql)?.[1];
    if (schema !== undefined) {
      await post("datasets", { datasetReference: { projectId, datasetId: schema } });
      return null;
    }
    const made =
      /^CREATE (?:OR REPLACE )?TABLE (?:IF NOT EXISTS )?((?:`[^`]+`\.?)+) \((`.+?)\)(?: CLUSTER BY| OPTIONS|$)/.exec(
        sql,
      );
    if (made !== null) columns.set(made[1] as string, (made[2] as string).replaceAll(/(`[^`]+`) [^,]+/g, "$1"));
    const query = spoken(sql, columns);
    const asked = (text: string): Promise<string | null> =>
      post("queries", {
        query: text,
        useLegacySql: false,
        // Only what makes tables has to run: it ends over some of the others.
        dryRun: look || !/^(CREATE|DROP)/.test(text),
        ...(parameters.length === 0 ? {} : { parameterMode: "POSITIONAL", queryParameters: parameters }),
      });
    const said = await asked(query);
    // It cannot number the rows of a plan: the same table without that, so that what names the table can be analysed.
    if (said === null && query.startsWith("CREATE ") && rowNumber.test(query))
      await asked(query.replace(rowNumber, "1"));
    return said;
  }
}

/** What makes tables or schemas may be several statements in one text; it is made one by one. */
const statementsOf = (sql: string): readonly string[] =>
  sql.startsWith("CREATE ") ? sql.split("\n;").flatMap((one) => (one.trim() === "" ? [] : [one.trim()])) : [sql];

const rowNumber = /ROW_NUMBER\(\) OVER \([^()]*\)/i;

/** Its emulator knows no clusters and MAX_BY by its longer name alone, and its analyser is set to want the columns of an INSERT, which BigQuery does not. */
const spoken = (sql: string, columns: ReadonlyMap<string, string>): string =>
  sql
    .replaceAll(/MAX_BY\((\w+), (IF\([^()]*\))\)/g, "ANY_VALUE($1 HAVING MAX $2)")
    .replaceAll(/ CLUSTER BY (?:`\w+`(?:, )?)+/g, "")
    .replaceAll(/INSERT INTO ((?:`[^`]+`\.?)+)(?=\s+(?:SELECT|VALUES|WITH))/g, (whole, table: string) => {
      const list = columns.get(table);
      return list === undefined ? whole : `${whole} (${list})`;
    });
