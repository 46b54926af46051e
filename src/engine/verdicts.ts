/** The journal of a plan as a table beside it, and the verdict of a row's part out of it: the latest record that covers it. */
import type { Verdict } from "../ledger/rules.ts";
import { integer } from "../warehouse/row.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { planTable } from "./diff.ts";
import type { DeliveryRecord } from "./records.ts";
import { OpenBatches } from "./replacement.ts";

/** What is known of one part of one row. */
export interface PartVerdict {
  readonly verdict: Verdict;
  readonly code: string;
  readonly message: string;
  readonly remoteId: string | null;
  /** When the request left, milliseconds. */
  readonly at: number;
  readonly batch: string;
  readonly digest: string;
}

const verdictsTable = (target: string, id: string): string => `${target}."verdicts__${id}"`;

/** A refusal before sending concerns every write of the row, whatever its kind. */
const anyWrite = -1;

type Line = readonly [
  pos: number,
  part: number,
  a: number,
  z: number,
  status: string | null,
  code: string,
  message: string,
  remoteId: string | null,
  at: number,
  batch: string,
  digest: string,
];

/** Writes `verdicts__<id>`: one line per range or row, numbered in the journal's order. */
export async function fileVerdicts(
  warehouse: Warehouse,
  target: string,
  id: string,
  records: Iterable<DeliveryRecord>,
): Promise<void> {
  const table = verdictsTable(target, id);
  await warehouse.execute(`CREATE OR REPLACE TABLE ${table} (pos UBIGINT, part SMALLINT, a UBIGINT, z UBIGINT, status VARCHAR,
  code VARCHAR, message VARCHAR, remote_id VARCHAR, "at" BIGINT, batch VARCHAR, digest VARCHAR)`);
  await warehouse.append(table, chunked(linesOf(records)));
}

function* linesOf(records: Iterable<DeliveryRecord>): Generator<Line> {
  const digests = new Map<string, string>();
  const open = new OpenBatches();
  let pos = 0;
  for (const record of records) {
    pos += 1;
    open.take(record);
    const digest = record.t === "e" ? "" : (digests.get(record.b) ?? "");
    switch (record.t) {
      case "i":
        digests.set(record.b, record.d);
        yield [pos, record.p, record.a, record.z, null, "", "", null, record.at, record.b, record.d];
        break;
      case "v":
        yield [
          pos,
          record.p,
          record.a,
          record.z,
          record.s,
          record.c ?? "",
          record.m ?? "",
          null,
          record.at,
          record.b,
          digest,
        ];
        break;
      case "c":
        break;
      case "e":
        for (const { b, p, a, z, d, at } of open.intents) yield [pos, p, a, z, "accepted", "", "", null, at, b, d];
        break;
      case "r":
        for (const [seq, status, code, message, remoteId] of record.rows) {
          yield [pos, record.p, seq, seq, status, code, message, remoteId, record.at, record.b, digest];
        }
        break;
    }
  }
}

function* chunked(lines: Iterable<Line>): Generator<readonly Line[]> {
  let chunk: Line[] = [];
  for (const line of lines) {
    chunk.push(line);
    if (chunk.length === 10_000) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

/** What became of a part of a row. */
export type VerdictOf = (seq: number, part: number) => PartVerdict;

const cells = `v.pos, v.part, v.a, v.z, v.status, v.code, v.message, v.remote_id, v."at", v.batch, v.digest`;

/**
 * A lookup for rows with seq in [from, to], asked in any order. `horizon`: without any record, a part at or below it may
 * have left; above, and with a sound journal (horizon null), it never did (R7).
 */
export async function verdictsBetween(
  warehouse: Warehouse,
  target: string,
  id: string,
  from: number,
  to: number,
  horizon: number | null,
): Promise<VerdictOf> {
  const query = `SELECT ${cells} FROM ${verdictsTable(target, id)} v WHERE v.z >= ${from} AND v.a <= ${to} ORDER BY v.pos`;
  return lookup(warehouse, query, horizon);
}

/**
 * Makes `reached__<id>`, the records that cover single rows scattered over the plan: `places` has their `seq` and group
 * `g`. Exact rows and ranges apart, so that neither join grows with the product of both.
 */
export async function reachVerdicts(warehouse: Warehouse, target: string, id: string, places: string): Promise<void> {
  const table = verdictsTable(target, id);
  await warehouse.execute(`CREATE OR REPLACE TABLE ${target}."reached__${id}" AS
SELECT p.g, p.seq, ${cells} FROM ${places} p JOIN ${table} v ON v.a = p.seq WHERE v.a = v.z UNION ALL
SELECT p.g, p.seq, ${cells} FROM ${places} p JOIN (SELECT * FROM ${table} WHERE a < z) v ON v.a <= p.seq AND v.z >= p.seq`);
}

/** The lookup for rows whose group `g` is in [from, to], after {@link reachVerdicts}. */
export async function reachedVerdicts(
  warehouse: Warehouse,
  target: string,
  id: string,
  from: number,
  to: number,
  horizon: number | null,
): Promise<VerdictOf> {
  const query = `SELECT ${cells.replace("v.a, v.z", "v.seq AS a, v.seq AS z")} FROM ${target}."reached__${id}" v
WHERE v.g BETWEEN ${from} AND ${to} ORDER BY v.pos`;
  return lookup(warehouse, query, horizon);
}

/**
 * Was every row of a plan with one part a row accepted in whole batches? Only then: no record says anything else, and the
 * accepted ranges reach over all `rows`. Ranges of one op and part do not overlap, so each row needs one look.
 */
export async function allAccepted(warehouse: Warehouse, target: string, id: string, rows: number): Promise<boolean> {
  const table = verdictsTable(target, id);
  const [row] = await warehouse.rows(`SELECT
  (SELECT count(*) FROM ${table} WHERE status IS NOT NULL AND (status <> 'accepted' OR remote_id IS NOT NULL)) AS others,
  (SELECT count(*) FROM (SELECT seq FROM ${planTable(target, id)}) p
   ASOF JOIN (SELECT a, z FROM ${table} WHERE status = 'accepted') v ON p.seq >= v.a WHERE p.seq <= v.z) AS reached`);
  return integer(row, "others") === 0 && integer(row, "reached") === rows;
}

async function lookup(warehouse: Warehouse, query: string, horizon: number | null): Promise<VerdictOf> {
  const ranges: Range[] = [];
  const single = new Map<string, Known>();
  for await (const { rows, columns } of warehouse.read(query)) {
    for (let row = 0; row < rows; row += 1) {
      const cell = (column: number): any => columns[column]?.[row];
      const known: Known = { pos: Number(cell(0)), verdict: verdictOfCells(cell) };
      const [part, a, z] = [Number(cell(1)), Number(cell(2)), Number(cell(3))];
      if (a === z) single.set(`${a} ${part}`, known);
      else ranges.push({ part, a, z, known });
    }
  }
  const byPart = new Map<number, RangeIndex>();
  for (const part of new Set(ranges.map((range) => range.part))) {
    byPart.set(part, new RangeIndex(ranges.filter((range) => range.part === part)));
  }
  return (seq, part) => {
    // A row refused before sending was in no batch, though the range of its neighbours' batch may reach over it.
    const refused = part % 2 === 0 ? single.get(`${seq} ${anyWrite}`) : undefined;
    if (refused !== undefined) return refused.verdict;
    const candidates = [single.get(`${seq} ${part}`), byPart.get(part)?.latest(seq)];
    const latest = candidates.reduce<Known | undefined>(
      (best, one) => (one !== undefined && (best === undefined || one.pos > best.pos) ? one : best),
      undefined,
    );
    if (latest !== undefined) return latest.verdict;
    return horizon !== null && seq <= horizon ? lost : never;
  };
}

interface Known {
  readonly pos: number;
  readonly verdict: PartVerdict;
}
interface Range {
  readonly part: number;
  readonly a: number;
  readonly z: number;
  readonly known: Known;
}

const nothing = { code: "", message: "", remoteId: null, at: 0, batch: "", digest: "" };
const never: PartVerdict = { ...nothing, verdict: "unsent" };
const lost: PartVerdict = {
  ...nothing,
  verdict: "unknown",
  message: "the run ended before the destination's answer was recorded",
};

/** An intent without a later verdict may have been applied. */
function verdictOfCells(cell: (column: number) => any): PartVerdict {
  const status = cell(4) as Verdict | null;
  return {
    verdict: status ?? "unknown",
    code: cell(5),
    message: cell(6),
    remoteId: cell(7),
    at: Number(cell(8)),
    batch: cell(9),
    digest: cell(10),
  };
}

/**
 * Ranges of one part, for "the latest that covers seq". Parcels of a part do not overlap, but the halves of a refused
 * one, and their intents, lie inside it: so ranges nest, and looking back from the insertion point finds all covers.
 */
class RangeIndex {
  readonly #ranges: readonly Range[];
  /** Largest z of the ranges up to and with each place: where looking back may stop. */
  readonly #reach: readonly number[];

  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges.toSorted((x, y) => x.a - y.a);
    let reach = 0;
    this.#reach = this.#ranges.map((range) => (reach = Math.max(reach, range.z)));
  }

  latest(seq: number): Known | undefined {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle] as Range).a <= seq) low = middle + 1;
      else high = middle;
    }
    let best: Known | undefined;
    for (let at = low - 1; at >= 0 && (this.#reach[at] as number) >= seq; at -= 1) {
      const range = this.#ranges[at] as Range;
      if (range.z >= seq && (best === undefined || range.known.pos > best.pos)) best = range.known;
    }
    return best;
  }
}
