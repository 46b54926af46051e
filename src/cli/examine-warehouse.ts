/** doctor's look at BigQuery or Snowflake: signing in, its clock, the schemas of millrace's own, every table that is read. */
import { randomUUID } from "node:crypto";
import { accessOf, type OwnSchema, type ReadTable } from "../models/access.ts";
import { granteeOf, openConnection, remoteTop, type RemoteSpec } from "../models/connection.ts";
import { grantWords, type Grant, type GrantWords } from "../models/grants.ts";
import { openRemote } from "../models/remote-warehouse.ts";
import { wordsOf } from "../models/words.ts";
import { hasPassword, passwordHint, passwordMessage } from "../project/rules/snowflake-password.ts";
import type { Project } from "../project/project.ts";
import { makeSchemas } from "../warehouse/make-schemas.ts";
import { integerOrNull } from "../warehouse/row.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { CommandContext } from "./command.ts";
import { check, told, type Check } from "./doctor-check.ts";
import { examineClient } from "./examine-client.ts";
import { amount } from "./figures.ts";

/** Leases of the lock are counted by the warehouse's clock and by ours: beyond this they are not to be relied on. */
const clockOffMs = 60_000;
/** Dry runs at a time; what runs shares one session, where statements wait for each other. */
const dryRunsAtOnce = 8;

/** Every check, the first of them whether it can be asked at all: where that failed it is the only one. */
export async function examineWarehouse(
  context: CommandContext,
  project: Project,
  spec: RemoteSpec,
): Promise<readonly Check[]> {
  let warehouse: Warehouse | null = null;
  try {
    const started = context.now();
    const first = await told("warehouse", async () => {
      warehouse = await openRemote(project, spec, context.env);
      return check("warehouse", "ok", await whoIsThere(warehouse, spec, () => context.now() - started));
    });
    if (warehouse === null || first.status === "failed") return [first];
    const signIn = hasPassword(spec) ? [check("sign-in", "warning", `W735: ${passwordMessage}`, passwordHint)] : [];
    return [first, examineClient(project, spec), ...signIn, ...(await within(context, project, spec, warehouse))];
  } finally {
    await (warehouse as Warehouse | null)?.close();
  }
}

async function within(
  context: CommandContext,
  project: Project,
  spec: RemoteSpec,
  warehouse: Warehouse,
): Promise<readonly Check[]> {
  const connection = openConnection(project, spec, context.env);
  const to = granteeOf(project, spec, context.env) ?? (await currentUser(warehouse)) ?? "NAME";
  const words = grantWords(spec, { to, connection });
  const access = accessOf(project, spec, remoteTop(project, spec, context.env));
  const checks = [await clockOf(context, warehouse)];
  for (const schema of access.own) checks.push(await ownSchema(warehouse, schema, words));
  return [...checks, ...(await tablesRead(warehouse, access.reads, words))];
}

async function whoIsThere(warehouse: Warehouse, spec: RemoteSpec, ms: () => number): Promise<string> {
  const who = await currentUser(warehouse);
  const where = spec.type === "snowflake" ? `snowflake, database ${spec.database}` : "bigquery";
  return `${where}, ${who === null ? "signed in" : `signed in as ${who}`}, ${(ms() / 1000).toFixed(1)} s`;
}

async function currentUser(warehouse: Warehouse): Promise<string | null> {
  const { quote } = warehouse.dialect;
  const [row] = await warehouse.rows(`SELECT ${wordsOf(warehouse.dialect).whoami} AS ${quote("who")}`);
  return typeof row?.["who"] === "string" ? row["who"] : null;
}

async function clockOf({ now }: CommandContext, warehouse: Warehouse): Promise<Check> {
  return told("warehouse clock", async () => {
    const { epochMs, now: theirs } = wordsOf(warehouse.dialect);
    const before = now();
    const [row] = await warehouse.rows(`SELECT ${epochMs(theirs)} AS ${warehouse.dialect.quote("now_ms")}`);
    const middle = (before + now()) / 2;
    const off = (integerOrNull(row, "now_ms") ?? middle) - middle;
    const seconds = `${(Math.abs(off) / 1000).toFixed(1)} s ${off < 0 ? "behind" : "ahead of"} ours`;
    if (Math.abs(off) <= clockOffMs) return check("warehouse clock", "ok", seconds);
    return check(
      "warehouse clock",
      "warning",
      seconds,
      "set this machine's clock: leases of the lock and times of runs are counted by both",
    );
  });
}

/** Made where it is missing, as any command does; a table is made in it and dropped. */
async function ownSchema(warehouse: Warehouse, schema: OwnSchema, words: GrantWords): Promise<Check> {
  const name = `${schema.kind} schema`;
  const own = schema.place[1];
  const found = await told(name, async () => {
    await makeSchemas(warehouse, [schema.place]);
    if (!schema.writes) return check(name, "ok", `${own} is there; no model is built as a table`);
    const { relation, columnType, quote } = warehouse.dialect;
    const table = relation(...schema.place, `doctor__${randomUUID().slice(0, 8)}`);
    await warehouse.execute(`CREATE TABLE ${table} (${quote("one")} ${columnType("integer")})`);
    await warehouse.execute(`DROP TABLE ${table}`);
    return check(name, "ok", `${own} can be written`);
  });
  return withGrants(found, words.own(schema));
}

async function tablesRead(
  warehouse: Warehouse,
  tables: readonly ReadTable[],
  words: GrantWords,
): Promise<readonly Check[]> {
  const { relation } = warehouse.dialect;
  const failed: Check[] = [];
  const atOnce = warehouse.capabilities.costEstimate ? dryRunsAtOnce : 1;
  for (let from = 0; from < tables.length; from += atOnce) {
    const found = await Promise.all(
      tables.slice(from, from + atOnce).map(async (table) => {
        const sql = `SELECT * FROM ${relation(...table.parts)} LIMIT 0`;
        const one = await told(table.subject, async () => {
          // Where a plan is free it is asked for alone: even a query of no rows is billed.
          await (warehouse.capabilities.costEstimate ? warehouse.describe(sql) : warehouse.rows(sql));
          return check(table.subject, "ok", "can be read");
        });
        return withGrants(one, words.read(table));
      }),
    );
    failed.push(...found.filter(({ status }) => status === "failed"));
  }
  const whole = amount(tables.length, "table");
  if (failed.length === 0) return [check("tables read", "ok", tables.length === 0 ? "none" : `${whole} can be read`)];
  return failed;
}

/** Not there, or not allowed, which warehouses do not always tell apart. */
const refusal = /^E(701|718|720|721|722|739|742):/;

/** The next step of what was refused: the statements that allow it. */
function withGrants(found: Check, grants: readonly Grant[]): Check {
  if (found.status !== "failed" || !refusal.test(found.message)) return found;
  return { ...found, hint: grants.map(({ sql }) => sql).join(" ") };
}
