/**
 * The horizon of events (R37, decision 70): which of them a sync still sends, and when the ledger may forget one it has sent.
 *
 * An event is sent only while its time is at most one horizon before and after now. What was sent is forgotten two horizons
 * later, so its time lies more than one horizon back by then, whatever it was: it can never be sent again.
 */
import { failure } from "../errors.ts";
import { sentTable, type Ledger } from "../ledger/tables.ts";
import type { SyncSpec } from "../project/project.ts";
import type { Dialect } from "../warehouse/warehouse.ts";
import type { Figure } from "./figures.ts";
import type { Shape } from "./shape.ts";

export interface WithinHorizon {
  /** The rows that may be sent, usable after FROM. */
  readonly relation: string;
  /** Counts, as `late`, rows that are too old, too far ahead, or without a time: never sent. Null where none can be. */
  readonly late: Figure | null;
}

const temporal: ReadonlySet<string | undefined> = new Set(["date", "timestamp", "timestamptz"]);

/** The rows of a relation within their sync's horizon; all of them where it has none. E253 where the time is none. */
export function withinHorizon(
  dialect: Dialect,
  shape: Shape,
  relation: string,
  { asOf, now }: { readonly asOf: number; readonly now: number },
): WithinHorizon {
  const { sync, families } = shape;
  const { append } = sync.spec;
  if (append === undefined) return { relation, late: null };
  if (!temporal.has(families.get(append.time)))
    throw failure("E253", `append.time: "${append.time}" of sync "${sync.name}" is no date or timestamp`, {
      at: sync.at(["append", "time"]),
      hint: families.has(append.time)
        ? "convert it in the model"
        : `columns of the model: ${[...families.keys()].join(", ")}`,
    });
  // With as_of in the past nothing older than usual is sent: the ledger may have forgotten it.
  const from = Math.max(asOf, now) - append.horizonMs;
  const to = Math.min(asOf, now) + append.horizonMs;
  const inside = isBetween(dialect, append.time, families.get(append.time) === "timestamptz", from, to);
  return {
    relation: `(SELECT * FROM ${relation} WHERE ${inside})`,
    late: { query: `SELECT count(*) AS late FROM ${relation} WHERE NOT ${inside}`, names: ["late"] },
  };
}

/** BigQuery compares no dates and no timestamps without a zone with an instant: those are cast to one. */
function isBetween(dialect: Dialect, column: string, isInstant: boolean, from: number, to: number): string {
  const { quote, timestamp, columnType } = dialect;
  const time = isInstant ? quote(column) : `CAST(${quote(column)} AS ${columnType("timestamptz")})`;
  return `coalesce(${time} >= ${timestamp(from)} AND ${time} <= ${timestamp(to)}, FALSE)`;
}

/** Statements that forget what was sent two horizons before the newest that was sent, and before now. */
export function forgetStatements(ledger: Ledger, id: string, { append }: SyncSpec, now: number): readonly string[] {
  if (append === undefined) return [];
  const sent = sentTable(ledger, id);
  const known = `state IN ('ok', 'assumed')`;
  // A clock that ran ahead makes nobody old: the newest row was sent by the same clock.
  const newest = `(SELECT least(max(sent_at), ${now}) FROM ${sent} WHERE ${known})`;
  return [`DELETE FROM ${sent} WHERE ${known} AND sent_at < ${newest} - ${2 * append.horizonMs}`];
}
