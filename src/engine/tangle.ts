/**
 * Which rows of a plan have to be looked at together: those that share an identifier, as sent, with another key (R3). All
 * others net and settle by themselves. What they share it with stands in the plan as quiet rows, which nobody sends.
 */
import { sentTable, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import { integer } from "../warehouse/row.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { opCodes, planTable, preparedTable, quietCodes } from "./diff.ts";
import { encodeInto, identitiesOf, idsFromJson, plannedIdentities, recallInto, wantedIdentities } from "./prepare.ts";
import type { Shape } from "./shape.ts";
import { keyExpression, keyJsonOfText, neededColumns } from "./wanted.ts";

export interface TangleInput {
  readonly ferry: Ferry;
  readonly ledger: Ledger;
  readonly id: string;
  readonly shape: Shape;
  /** The wanted rows, usable after FROM; read again only where a neighbour's own row does not say what it wants. */
  readonly relation: string;
}

/** `tangles__<id>` (n, g): rows of the plan that share identifiers, and the group of rows they are to be decided in. */
export const tanglesTable = (target: string, id: string): string => `${target}."tangles__${id}"`;

/** Can rows of this sync meet at the platform at all? Our own keys never collide, and events are never one another's. */
export function canTangle({ object, policy }: Shape): boolean {
  return object.identify !== "key" && policy.kind !== "event" && policy.mode !== "append";
}

/** Adds the plan's neighbours and makes `tangles__<id>`; returns how many rows are in it. */
export async function tangle(input: TangleInput): Promise<number> {
  const { id, shape } = input;
  const { desk, target } = input.ferry;
  const table = tanglesTable(target, id);
  if (!canTangle(shape)) return 0;
  await sparePlan(input);
  await addNeighbours(input);
  const shares = `${target}."shares__${id}"`;
  await desk.execute(`CREATE OR REPLACE TABLE ${shares} AS
WITH links AS (${linksOf(input)}),
shared AS (SELECT kind, "value" FROM links GROUP BY ALL HAVING count(DISTINCT n) > 1)
SELECT DISTINCT l.n, l.kind, l."value" FROM links l JOIN shared s ON s.kind = l.kind AND s."value" = l."value"`);
  await desk.execute(`CREATE OR REPLACE TABLE ${table} AS SELECT n, n AS g FROM ${shares} GROUP BY n`);
  await spread(desk, table, shares);
  await desk.execute(`DROP TABLE ${shares}`);
  const [row] = await desk.rows(`SELECT count(*) AS rows FROM ${table}`);
  return integer(row, "rows");
}

/** Gives all rows that hang together the smallest `n` among them: neighbours' labels, then labels of labels, until nothing moves. */
async function spread(desk: Warehouse, table: string, shares: string): Promise<void> {
  for (let moved = true; moved;) {
    await desk.execute(`CREATE OR REPLACE TEMP TABLE spreading AS
WITH least AS (SELECT s.kind, s."value", min(t.g) AS g FROM ${shares} s JOIN ${table} t ON t.n = s.n GROUP BY ALL),
near AS (SELECT s.n, min(l.g) AS g FROM ${shares} s JOIN least l ON l.kind = s.kind AND l."value" = s."value" GROUP BY s.n)
SELECT a.n, least(a.g, b.g) AS g FROM near a JOIN near b ON b.n = a.g`);
    const [row] = await desk.rows(
      `SELECT count(*) AS moved FROM spreading s JOIN ${table} t ON t.n = s.n WHERE t.g <> s.g`,
    );
    moved = integer(row, "moved") > 0;
    if (moved) await desk.execute(`CREATE OR REPLACE TABLE ${table} AS SELECT n, g FROM spreading`);
  }
  await desk.execute("DROP TABLE spreading");
}

const remoteKind = "\u0001remote";

/** `n, kind, "value"` of every identity a plan's row wants or holds; on records also of the remote record it knows. */
function linksOf({ ferry: { desk, target }, id, shape }: TangleInput): string {
  const wanted = wantedIdentities(target, id, identitiesOf(shape));
  const remote = `SELECT n, ${desk.dialect.literal(remoteKind)} AS kind, b_remote_id AS "value", 0 AS version
FROM ${planTable(target, id)} WHERE b_remote_id IS NOT NULL`;
  return [wanted, plannedIdentities(target, id), ...(shape.policy.kind === "record" ? [remote] : [])].join(
    " UNION ALL ",
  );
}

/**
 * Modes add and remove look at every row whose content changed, because an identifier may be new; the others of these
 * ask nothing, and count as left alone.
 */
async function sparePlan(input: TangleInput): Promise<void> {
  const { id, shape } = input;
  const { desk, target } = input.ferry;
  const { mode, kind } = shape.policy;
  if (mode !== "add" && mode !== "remove") return;
  const plan = planTable(target, id);
  const wanted = wantedIdentities(target, id, identitiesOf(shape));
  const fresh = `SELECT w.n FROM (${wanted}) w
WHERE NOT EXISTS (SELECT 1 FROM (${plannedIdentities(target, id)}) h WHERE h.n = w.n AND h.kind = w.kind AND h."value" = w."value")`;
  // An identifier of before was perhaps never acknowledged: mode add then asks for all of today's again.
  const conditions = [
    `n IN (SELECT n FROM (${wanted}))`,
    ...(kind === "record" && mode === "add" ? [] : [`n NOT IN (${fresh})`]),
    ...(kind === "membership" && mode === "add"
      ? ["b_doubt_at IS NULL", `n NOT IN (SELECT n FROM (${goneOf(input)}))`]
      : []),
  ];
  await desk.execute(
    `UPDATE ${plan} SET op = ${quietCodes.wanted} WHERE op = ${opCodes.update} AND b_state IN ('ok', 'assumed') AND ${conditions.join(" AND ")}`,
  );
}

/** Identifiers that matter beyond the plan: memberships only give up what others carry; records may take over another's. */
function probesOf(input: TangleInput): string {
  return input.shape.policy.kind === "record" ? linksOf(input) : goneOf(input);
}

/** Identifiers a row holds and no longer wants. */
function goneOf({ ferry: { target }, id, shape }: TangleInput): string {
  return `SELECT h.n, h.kind, h."value" FROM (${plannedIdentities(target, id)}) h WHERE NOT EXISTS (
  SELECT 1 FROM (${wantedIdentities(target, id, identitiesOf(shape))}) w WHERE w.n = h.n AND w.kind = h.kind AND w."value" = h."value")`;
}

/** Rows of the ledger that the plan left alone and that hold an identifier of its rows: added to the plan as quiet rows. */
async function addNeighbours(input: TangleInput): Promise<void> {
  const { ferry, id, shape } = input;
  const { desk, target } = ferry;
  const { policy } = shape;
  if (policy.mode === "remove" || (policy.mode === "add" && policy.kind === "membership")) return;
  const probes = `${target}."probes__${id}"`;
  await desk.execute(`CREATE OR REPLACE TABLE ${probes} AS SELECT DISTINCT kind, "value" FROM (${probesOf(input)})`);
  const [found] = await desk.rows(`SELECT count(*) AS rows FROM ${probes}`);
  if (integer(found, "rows") > 0) {
    const [holders, near] = [`${target}."holders__${id}"`, `${target}."near__${id}"`];
    await ferry.lend([`SELECT kind, "value" FROM ${probes}`], ([asked = ""]) =>
      ferry.bring(holders, holdersQuery(input, asked)),
    );
    const beside = `SELECT k, several FROM ${holders} h WHERE NOT EXISTS (SELECT 1 FROM ${planTable(target, id)} q WHERE q.k = h.k)`;
    await ferry.lend([beside], ([left = ""]) => ferry.bring(near, neighboursQuery(input, left)));
    await addQuiet(input, near);
    for (const table of [near, holders]) await desk.execute(`DROP TABLE ${table}`);
  }
  await desk.execute(`DROP TABLE ${probes}`);
}

/** Keys of the ledger that hold one of the probes, and whether they hold several identifiers. */
function holdersQuery({ ledger, id, shape }: TangleInput, probes: string): string {
  const { literal, quote } = ledger.dialect;
  const { eachId, countIds } = wordsOf(ledger.dialect);
  const sent = sentTable(ledger, id);
  const [value, several] = [quote("value"), `${countIds("ids")} > 1 AS several`];
  const counted = `(SELECT k, ids, ${several} FROM ${sent})`;
  const remote = `UNION ALL SELECT k, ${several}, ${literal(remoteKind)} AS kind, remote_id AS ${value} FROM ${sent} WHERE remote_id IS NOT NULL`;
  return `SELECT DISTINCT k, several FROM (
SELECT s.k, s.several FROM (
  SELECT k, several, kind, ${value} FROM ${eachId(counted, ["k", "several"])} e
  ${shape.policy.kind === "record" ? remote : ""}
) s JOIN ${probes} p ON p.kind = s.kind AND p.${value} = s.${value}
-- Held rows may want by now what their row never had.
UNION ALL SELECT k, ${several} FROM ${sent} WHERE state = 'held') a`;
}

/** The ledger's rows of some keys, as a plan has them. */
function neighboursQuery({ ledger, id }: TangleInput, keys: string): string {
  return `SELECT b.k, a.several, b.h AS b_h, b.h_fast AS b_h_fast, b.h_tag AS b_h_tag, b.m AS b_m,
  ${wordsOf(ledger.dialect).idsText("b.ids")} AS b_ids, b.state AS b_state, b.doubt_at AS b_doubt_at, b.remote_id AS b_remote_id, b.idem AS b_idem,
  b.fields AS b_fields, b.run_id AS b_run_id, b.sent_at AS b_sent_at
FROM ${keys} a JOIN ${sentTable(ledger, id)} b ON b.k = a.k`;
}

async function addQuiet(input: TangleInput, near: string): Promise<void> {
  const { ferry, id, shape } = input;
  const { desk, target } = ferry;
  const [plan, prepared] = [planTable(target, id), preparedTable(target, id)];
  const [row] = await desk.rows(
    `SELECT (SELECT count(*) FROM ${near}) AS near, coalesce(max(n), 0) AS most FROM ${plan}`,
  );
  const most = integer(row, "most");
  if (integer(row, "near") === 0) return;
  // A membership that was left alone holds exactly what it wants; so does a record with one identifier.
  const unsure = shape.policy.kind === "record" ? "(a.b_state = 'held' OR a.several)" : "a.b_state = 'held'";
  const { raw, query } = again(input);
  const [open] = await desk.rows(`SELECT count(*) AS rows FROM ${near} a WHERE ${unsure}`);
  const asked = integer(open, "rows") > 0;
  const today = `${target}."today__${id}"`;
  if (asked) await ferry.lend([`SELECT k FROM ${near}`], ([keys = ""]) => ferry.bring(today, query(keys)));
  const known = `CASE WHEN ${unsure} THEN ${asked ? "d.k IS NOT NULL" : "FALSE"} ELSE a.b_state IN ('ok', 'assumed') END`;
  await desk.execute(`INSERT INTO ${plan} BY NAME
SELECT 0 AS seq, ${most} + row_number() OVER (ORDER BY a.k) AS n, CASE WHEN ${known} THEN ${quietCodes.wanted} ELSE ${quietCodes.gone} END AS op,
  ${keyJsonOfText(desk.dialect, shape, "a.k")} AS "key", a.b_h AS h, a.b_h_fast AS h_fast, TRUE AS known, a.* EXCLUDE (several)${asked ? raw.map((name) => `, d.${name}`).join("") : ""}
FROM ${near} a${asked ? ` LEFT JOIN ${today} d ON d.k = a.k` : ""}`);
  const from = `op = ${quietCodes.wanted} AND n > ${most}`;
  const again_ = `n IN (SELECT n FROM ${plan} b JOIN ${near} a ON a.k = b.k WHERE ${unsure})`;
  const values = identitiesOf(shape).map(
    ({ kind }) => `list_filter(${idsFromJson("b_ids")}, x -> x.kind = ${desk.dialect.literal(kind)})[1]."value"`,
  );
  await desk.execute(
    `INSERT INTO ${prepared} SELECT ${["n", ...values].join(", ")} FROM ${plan} WHERE ${from} AND NOT (${again_})`,
  );
  await recallInto(desk, target, id, `p.n > ${most}`);
  if (!asked) return;
  await encodeInto(desk, target, id, shape, `${from} AND ${again_}`);
  await desk.execute(`DROP TABLE ${today}`);
}

/** The neighbours' own rows of today: raw identifiers by key. */
function again({ ferry: { warehouse }, shape, relation }: TangleInput): {
  raw: readonly string[];
  query: (keys: string) => string;
} {
  const { dialect } = warehouse;
  const { text } = wordsOf(dialect);
  const quote = (column: string): string => dialect.quote(column);
  const raw = shape.identifiers.flatMap((_, index) => [`raw_${index}`, `country_${index}`]);
  const cells = shape.identifiers.flatMap(({ column, country }) => [
    text(quote(column)),
    text(country.column === undefined ? "NULL" : quote(country.column)),
  ]);
  const columns = neededColumns(shape).map(quote).join(", ");
  const query = (keys: string): string => `SELECT k, ${cells.map((cell, at) => `${cell} AS ${raw[at]}`).join(", ")}
FROM (SELECT ${keyExpression(dialect, shape, quote)} AS k, ${columns} FROM ${relation}) WHERE k IN (SELECT k FROM ${keys})`;
  return { raw, query };
}
