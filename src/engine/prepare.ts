/**
 * Turns raw identifiers of a plan into the bytes the platform will be given, once per run, before anything is sent:
 * removals, netting and the ledger all speak of identifiers as sent (R3). Rows whose identity is our own key need none.
 */
import type { SentIdentifier } from "../core.ts";
import { encodeValue } from "../destination/encode.ts";
import type { Identifier } from "../destination/index.ts";
import type { RowsKnown } from "../ledger/knowledge.ts";
import { rejectionsTable, sentTable, syncColumns, type Ledger } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import type { Ferry } from "../warehouse/ferry.ts";
import type { ColumnBatch, Warehouse } from "../warehouse/warehouse.ts";
import { doubtsTable, opCodes, planTable, preparedTable, refusedTable } from "./diff.ts";
import type { Shape, ShapedIdentifier } from "./shape.ts";

/** Kind of the identifier of objects that know rows by our key. */
export const ownKey = "key";

/** One column of `prepared__<id>`: an identity the ledger can hold. With `identify: all` several kinds make one. */
export interface Identity {
  readonly kind: string;
  readonly version: number;
}

/** The identities a row of this shape may have at the platform, in the order of the columns `v_0, v_1 …`. */
export function identitiesOf(shape: Shape): readonly Identity[] {
  if (shape.object.identify === "key") return [{ kind: ownKey, version: 1 }];
  const known = shape.identifiers.map(({ kind }) => ({ kind, version: identifierOf(shape, kind)?.version ?? 1 }));
  if (shape.object.identify !== "all") return known;
  return [
    { kind: known.map(({ kind }) => kind).join("+"), version: Math.max(1, ...known.map(({ version }) => version)) },
  ];
}

export function identifierOf(shape: Shape, kind: string): Identifier | undefined {
  return shape.object.identifiers[kind] ?? shape.object.openIdentifiers;
}

/** `v_0 …` of one row as the ledger's identifiers. */
export function idsOf(identities: readonly Identity[], values: readonly (string | null)[]): SentIdentifier[] {
  const ids: SentIdentifier[] = [];
  for (let at = 0; at < identities.length; at += 1) {
    const { kind, version } = identities[at] as Identity;
    const value = values[at];
    if (value !== null && value !== undefined) ids.push({ kind, value, version });
  }
  return ids;
}

/** Writes `prepared__<id>` (n, v_0 …) for the wanted rows of a plan; a row that the platform could not know has none. */
export async function prepare(warehouse: Warehouse, target: string, id: string, shape: Shape): Promise<void> {
  const identities = identitiesOf(shape);
  const values = identities.map((_, index) => `v_${index} VARCHAR`).join(", ");
  await warehouse.execute(`CREATE TABLE ${preparedTable(target, id)} (n UBIGINT, ${values})`);
  if (shape.object.identify === "key") {
    await warehouse.execute(
      `INSERT INTO ${preparedTable(target, id)} SELECT n, k FROM ${planTable(target, id)} WHERE op <> ${opCodes.remove}`,
    );
    return;
  }
  await encodeInto(warehouse, target, id, shape, `op <> ${opCodes.remove}`);
}

/** Adds the rows of the plan that `where` names to `prepared__<id>`. */
export async function encodeInto(
  warehouse: Warehouse,
  target: string,
  id: string,
  shape: Shape,
  where: string,
): Promise<void> {
  const columns = shape.identifiers.flatMap((_, index) => [`raw_${index}`, `country_${index}`]);
  const query = `SELECT ${["n", ...columns].join(", ")} FROM ${planTable(target, id)} WHERE ${where}`;
  await warehouse.append(preparedTable(target, id), encodeBatches(warehouse.read(query), shape));
}

async function* encodeBatches(
  batches: AsyncIterable<ColumnBatch>,
  shape: Shape,
): AsyncGenerator<(readonly unknown[])[]> {
  const encoders = shape.identifiers.map((identifier) => encoderOf(shape, identifier));
  const together = shape.object.identify === "all";
  for await (const { rows, columns } of batches) {
    const encoded: (readonly unknown[])[] = [];
    for (let row = 0; row < rows; row += 1) {
      const values = encoders.map((encode, index) => {
        const raw = columns[1 + 2 * index]?.[row];
        return encode(raw as string | null, columns[2 + 2 * index]?.[row] as string | null);
      });
      const whole = values.every((value) => value !== null);
      encoded.push([columns[0]?.[row], ...(together ? [whole ? JSON.stringify(values) : null] : values)]);
    }
    yield encoded;
  }
}

function encoderOf(shape: Shape, { kind, hashed, country }: ShapedIdentifier) {
  const identifier = identifierOf(shape, kind);
  return (raw: string | null, ofRow: string | null): string | null => {
    if (raw === null || identifier === undefined) return null;
    const defaultCountry = ofRow ?? country.literal;
    const options = { hashed, ...(defaultCountry === undefined ? {} : { defaultCountry }) };
    return encodeValue(identifier, raw, options);
  };
}

/** `n, kind, "value", version` of every wanted identity of the delta. */
export function wantedIdentities(target: string, id: string, identities: readonly Identity[]): string {
  const table = preparedTable(target, id);
  return identities
    .map(({ kind, version }, index) => {
      const literal = `'${kind.replaceAll("'", "''")}'`;
      return `SELECT n, ${literal} AS kind, v_${index} AS "value", ${version} AS version FROM ${table} WHERE v_${index} IS NOT NULL`;
    })
    .join(" UNION ALL ");
}

/** JSON of ids -> rows; the structure that `to_json` of the ledger's ids gives. */
export const idsFromJson = (json: string): string =>
  `from_json(${json}, '[{"kind":"VARCHAR","value":"VARCHAR","version":"INTEGER"}]')`;

/** `n, kind, "value", version` of every identity the plan's rows hold at the platform. */
export const plannedIdentities = (target: string, id: string): string =>
  `SELECT n, u.kind AS kind, u."value" AS "value", u.version AS version
FROM (SELECT n, unnest(${idsFromJson("b_ids")}) AS u FROM ${planTable(target, id)} WHERE b_ids IS NOT NULL)`;

/** `known`: what the ledger is known to hold, where nothing has to be asked. Makes `doubts__<id>` (kind, value, doubt_at): a settle that is repeated must not take its own doubt for an older one (R8). */
export async function rememberDoubts(
  ferry: Ferry,
  ledger: Ledger,
  id: string,
  known?: Pick<RowsKnown, "doubted">,
): Promise<void> {
  if (known?.doubted === 0) {
    const columns = 'kind VARCHAR, "value" VARCHAR, doubt_at BIGINT';
    return void (await ferry.desk.execute(`CREATE OR REPLACE TABLE ${doubtsTable(ferry.target, id)} (${columns})`));
  }
  const value = ledger.dialect.quote("value");
  const each = wordsOf(ledger.dialect).eachId(sentTable(ledger, id), ["doubt_at"], "doubt_at IS NOT NULL");
  await ferry.bring(
    doubtsTable(ferry.target, id),
    `SELECT kind, ${value}, max(doubt_at) AS doubt_at FROM ${each} u GROUP BY kind, ${value}`,
  );
}

/** Makes `refused__<id>` (n, rejections as JSON text): what earlier runs were told about the plan's keys (R5, R6). */
export async function recall(
  ferry: Ferry,
  ledger: Ledger,
  id: string,
  known?: Pick<RowsKnown, "rejections">,
): Promise<void> {
  const { desk, target } = ferry;
  if (known?.rejections === 0) {
    const columns = syncColumns({ dialect: desk.dialect, schema: [] }, "rejections");
    const list = columns.map(([name, type]) => `${desk.dialect.quote(name)} ${type}`);
    await desk.execute(`CREATE OR REPLACE TABLE ${toldTable(target, id)} (${list.join(", ")})`);
  } else await ferry.bring(toldTable(target, id), `SELECT * FROM ${rejectionsTable(ledger, id)}`);
  await desk.execute(`CREATE TABLE ${refusedTable(target, id)} (n UBIGINT, rejections VARCHAR)`);
  await recallInto(desk, target, id, "TRUE");
}

/** The sync's rejections as the ledger had them when the plan was made. */
export const toldTable = (target: string, id: string): string => `${target}."told__${id}"`;

/** Adds those of the plan's rows `p` that `where` names. */
export async function recallInto(desk: Warehouse, target: string, id: string, where: string): Promise<void> {
  const columns = ["op", "kind", "value", "code", "message", "attempts", "dead"].map(
    (name) => `'${name}': r."${name}"`,
  );
  const times = ["first_at", "last_at", "next_after"].map((name) => `'${name}': r.${name}`);
  await desk.execute(`INSERT INTO ${refusedTable(target, id)}
SELECT p.n, CAST(to_json(list({${[...columns, "'h': CAST(r.h AS VARCHAR)", ...times].join(", ")}})) AS VARCHAR) AS rejections
FROM ${toldTable(target, id)} r JOIN ${planTable(target, id)} p ON p.k = r.k WHERE ${where} GROUP BY p.n`);
}
