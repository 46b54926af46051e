/**
 * Rows of a PostgreSQL table: upserts that touch only what differs, and deletes. A batch is one transaction; its rows travel
 * as one JSON value that the server reads by the table's own types, so dates, numerics, arrays and enums are the server's to
 * judge.
 */
import type { Batch, Change, Context, Exchange, Json, Outcome, SqlReply, SqlStatement } from "millrace/destination";
import { accepted, all, anyValue, defineDestination, defineObject, type Effect } from "millrace/destination";
import { networkSettings, rejected, skipped, sql, sqlName, stop, unknown } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  host: z.string().min(1).describe("Name or address of the server."),
  port: z.int().min(1).max(65_535).default(5432).describe("Its port."),
  database: z.string().min(1).describe("The database that holds the tables."),
  schema: z.string().min(1).default("public").describe("The schema of tables that name none."),
  ssl: z.boolean().default(true).describe("Encrypted, the certificate checked; false only inside a private network."),
  statement_timeout: z.int().min(1).max(3600).default(60).describe("Seconds after which a statement is given up."),
  allow_private_network: networkSettings.allow_private_network,
});
type Config = z.output<typeof settings>;

const remote = z.object({
  table: z.string().min(1).describe("The table, which must be there."),
  schema: z.string().min(1).optional().describe("Its schema, where it is not the destination's."),
  key: z
    .union([z.string(), z.array(z.string()).min(1)])
    .default("id")
    .describe("Column or columns that hold the model's primary key, in its order, under a unique index."),
});
type Where = Pick<Context<Config>, "config" | "remoteConfig">;

const keysOf = ({ remoteConfig }: Where): readonly string[] => [remote.parse(remoteConfig).key].flat();
function tableOf({ config, remoteConfig }: Where): string {
  const { schema = config.schema, table } = remote.parse(remoteConfig);
  return `${sqlName(schema)}.${sqlName(table)}`;
}

const list = (names: readonly string[], before = ""): string => names.map((name) => before + sqlName(name)).join(", ");
/** The place of a row in its batch, beside the table's own columns. */
const at = sqlName("millrace row");

/** The rows as a relation `r` of the table's own types. */
function relation(ctx: Where, rows: readonly Row[]): { readonly from: string; readonly values: readonly [string] } {
  const record = `jsonb_populate_record(NULL::${tableOf(ctx)}, o.value) p`;
  const from = `(SELECT p.*, o.ordinality - 1 AS ${at} FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY o, ${record}) r`;
  return { from, values: [JSON.stringify(rows.map(({ cells }) => cells))] };
}

interface Row {
  readonly change: Change;
  readonly cells: Readonly<Record<string, Json>>;
}

const textOf = (change: Change | undefined): string => JSON.stringify(change?.key);

/** Rows by the columns they have: what a row does not mention stays as it is in the table. */
function byColumns(changes: readonly Change[], keys: readonly string[]): readonly (readonly [string[], Row[]])[] {
  const groups = new Map<string, [string[], Row[]]>();
  for (const change of changes) {
    const parts: readonly Json[] = [change.key].flat();
    const cells = { ...change.fields, ...Object.fromEntries(keys.map((name, index) => [name, parts[index] ?? null])) };
    const columns = Object.keys(change.fields).filter((name) => !keys.includes(name));
    const name = JSON.stringify(columns.toSorted());
    const group = groups.get(name) ?? [columns, []];
    groups.set(name, group);
    group[1].push({ change, cells });
  }
  return [...groups.values()];
}

/** As texts, since not every type can be compared (json); both sides have been through the column's type. */
const differs = (columns: readonly string[], other: string): string =>
  `ROW(${list(columns, "t.")})::text IS DISTINCT FROM ROW(${list(columns, other)})::text`;
const setTo = (columns: readonly string[], other: string): string =>
  columns.map((name) => `${sqlName(name)} = ${other}${sqlName(name)}`).join(", ");
const same = (keys: readonly string[]): string =>
  keys.map((name) => `t.${sqlName(name)} = r.${sqlName(name)}`).join(" AND ");

function upsert(ctx: Where, keys: readonly string[], columns: readonly string[], rows: readonly Row[]): SqlStatement {
  const { from, values } = relation(ctx, rows);
  const names = [...keys, ...columns];
  const insert = `INSERT INTO ${tableOf(ctx)} AS t (${list(names)}) SELECT ${list(names, "r.")} FROM ${from}`;
  const then =
    columns.length === 0
      ? "NOTHING"
      : `UPDATE SET ${setTo(columns, "EXCLUDED.")} WHERE ${differs(columns, "EXCLUDED.")}`;
  return { text: `${insert} ON CONFLICT (${list(keys)}) DO ${then} RETURNING (xmax = 0) AS inserted`, values };
}

/** Mode `update`: what is not there stays away, and is told. Locked, so that none comes or goes in between. */
function update(ctx: Where, keys: readonly string[], columns: readonly string[], rows: readonly Row[]): SqlStatement[] {
  const { from, values } = relation(ctx, rows);
  const found = `SELECT r.${at} AS row FROM ${tableOf(ctx)} AS t JOIN ${from} ON ${same(keys)}`;
  if (columns.length === 0) return [{ text: found, values }];
  const where = `${same(keys)} AND ${differs(columns, "r.")}`;
  return [
    { text: `${found} FOR UPDATE OF t`, values },
    { text: `UPDATE ${tableOf(ctx)} AS t SET ${setTo(columns, "r.")} FROM ${from} WHERE ${where}`, values },
  ];
}

function remove(ctx: Where, keys: readonly string[], rows: readonly Row[]): SqlStatement {
  const { from, values } = relation(ctx, rows);
  return { text: `DELETE FROM ${tableOf(ctx)} AS t USING ${from} WHERE ${same(keys)}`, values };
}

/** What the server's refusal means: for the target, or for the rows, which the engine then finds by halving. */
function refusal({ state, message }: Extract<SqlReply, { refused: unknown }>["refused"], ctx: Where): Outcome {
  // No values: `invalid input syntax for type integer: "…"`, `value "…" is out of range`.
  const words = message.replace(/:.*$/s, "").replace(/^value ".*" is/s, "value is");
  if (state === "42P01" || state === "3F000") return stop("target_gone", `${tableOf(ctx)} is not there`);
  if (state === "42501") return stop("permission", words, "grant SELECT, INSERT, UPDATE and DELETE on the table");
  if (state === "25006") return stop("target_refused", words, "name the primary server, not a standby");
  if (state === "42P10")
    return stop("target", `${tableOf(ctx)} has no unique index on ${keysOf(ctx).join(", ")}`, "CREATE UNIQUE INDEX");
  // Other errors of syntax and names concern every row alike: a column that is not there, a generated one.
  return state.startsWith("42") ? stop("target", words) : rejected(state, words);
}

function* deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const keys = keysOf(ctx);
  const [first] = batch.changes;
  if (first !== undefined && [first.key].flat().length !== keys.length)
    return stop("target", `the model's key has ${[first.key].flat().length} columns, remote.key names ${keys.length}`);
  // The same key twice in one statement is an error (21000): the last one counts.
  const last = new Map(batch.changes.map((change) => [textOf(change), change]));
  const groups = byColumns([...last.values()], keys);
  const updating = batch.op !== "remove" && ctx.mode === "update";
  const statements = groups.flatMap(([columns, rows]) => {
    if (batch.op === "remove") return [remove(ctx, keys, rows)];
    return updating ? update(ctx, keys, columns, rows) : [upsert(ctx, keys, columns, rows)];
  });
  const reply = yield* sql(statements);
  if ("refused" in reply) return all(batch, refusal(reply.refused, ctx));
  if (reply.results?.length !== statements.length) return all(batch, unknown("the database gave another answer"));
  if (batch.op === "remove") return all(batch, accepted());
  if (!updating) {
    const inserted = reply.results.flatMap(({ rows }) => rows.filter((row) => row["inserted"] === true)).length;
    yield { report: { name: "inserted", value: inserted } } satisfies Effect;
    return all(batch, accepted());
  }
  const asked = reply.results.filter((_, index) => statements[index]?.text.startsWith("SELECT"));
  const there = asked.flatMap(({ rows }, group) => rows.map((row) => groups[group]?.[1][Number(row["row"])]?.change));
  const found = new Set(there.map(textOf));
  return batch.changes.map((change) => (found.has(textOf(change)) ? accepted() : skipped("not_found")));
}

export default defineDestination<Config>({
  name: "postgres",
  describe: "A table of a PostgreSQL database.",
  docs: "https://www.postgresql.org/docs/current/sql-insert.html",
  guide: {
    credentials:
      "A role that may log in, with SELECT, INSERT, UPDATE and DELETE on the table. Needs the package pg. The key columns need a unique index.",
    refused:
      "A row that the table refuses (a type, a constraint) is found by halving its batch and rejected with the SQLSTATE; the others of its batch are written.",
    erasure: "Delete the row; look at backups, replicas and tables that triggers fill.",
  },
  config: settings,
  credentials: z.strictObject({
    user: z.string().min(1).describe("The role to log in as."),
    password: z.string().optional().describe("Its password."),
  }),
  effects: ["sql"],
  hosts: ({ host }) => [host],
  auth: { type: "none" },
  *check({ config }) {
    const values = [config.schema];
    const reply = yield* sql([{ text: "SELECT has_schema_privilege(current_user, $1, 'USAGE') AS able", values }]);
    const able = "results" in reply && reply.results[0]?.rows[0]?.["able"] === true;
    const message = able ? `logs in and may use schema ${config.schema}` : `may not use schema ${config.schema}`;
    return [{ ok: able, message: `${config.database} on ${config.host}: ${message}` }];
  },
  objects: {
    record: defineObject<Config, string>({
      describe: "A row of a table",
      kind: "record",
      ops: ["add", "update", "remove"],
      delivery: "set",
      refusal: "atomic",
      identify: "key",
      identifiers: {},
      fields: {},
      openFields: anyValue({ describe: "A column of the table, read by its type" }),
      remote,
      // One value of JSON a statement, so the limit of 65,535 parameters (facts D3) is far.
      limits: { rows: 1000, bytes: 8_000_000, concurrency: 2 },
      // Only a COMMIT can be in doubt, and the server carries it out at once or never.
      lateMs: 60_000,
      deliver,
    }),
  },
});
