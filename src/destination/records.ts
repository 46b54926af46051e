/** Records of platforms that give them ids of their own: found by what rows are known by, then written or removed by id. */
import type { Outcome } from "../core.ts";
import type { HttpResponse } from "./http.ts";
import type { Batch, Change, Context, Exchange } from "./index.ts";
import { accepted, all, rejectedEach, skipped, unknown } from "./outcomes.ts";
import { remoteIdOf } from "./parts.ts";

/** How records are found. */
export interface Register {
  /** What a row is known by; "" where it has nothing. */
  valueOf(change: Change): string;
  /** Values -> record ids; the answer itself where it cannot be relied on. */
  find(values: readonly string[]): Exchange<ReadonlyMap<string, string> | HttpResponse>;
  /** The fate of rows whose records could not be found for that answer: `api.broken`. */
  broken(response: HttpResponse): Outcome;
}

/** Records known by one kind of identifier. */
export const registerBy = (kind: string, api: Pick<Register, "broken">, find: Register["find"]): Register => ({
  valueOf: ({ identifiers }) => identifiers[kind] ?? "",
  find,
  broken: api.broken,
});

/** Record ids of changes, from the ledger or looked up; a change that is absent has no record there. */
export function* recordIds(
  changes: readonly Change[],
  { valueOf, find }: Pick<Register, "valueOf" | "find">,
): Exchange<ReadonlyMap<Change, string> | HttpResponse> {
  const values = new Set(changes.filter((change) => remoteIdOf(change) === undefined).map(valueOf));
  values.delete("");
  const found: ReadonlyMap<string, string> | HttpResponse = values.size === 0 ? new Map() : yield* find([...values]);
  if (!(found instanceof Map)) return found as HttpResponse;
  const ids = new Map<Change, string>();
  for (const change of changes) {
    const id: string | undefined = remoteIdOf(change) ?? found.get(valueOf(change));
    if (id !== undefined) ids.set(change, id);
  }
  return ids;
}

/** `lookup` of an object: values as the sync has them -> record ids, found by their normal forms. */
export function* lookUp(
  values: readonly string[],
  form: (raw: string) => string | null,
  find: Register["find"],
): Exchange<ReadonlyMap<string, string>> {
  const forms = new Map(values.flatMap((value) => (form(value) === null ? [] : [[value, form(value) ?? ""] as const])));
  const found = yield* find([...new Set(forms.values())]);
  const ids: ReadonlyMap<string, string> = found instanceof Map ? found : new Map();
  return new Map([...forms].flatMap(([value, normal]) => (ids.has(normal) ? [[value, ids.get(normal) ?? ""]] : [])));
}

/** A row to be written, with the id of its record where that is known. */
export interface MatchedRow {
  readonly change: Change;
  readonly id?: string;
}

/** A table of records; `make` (rows without ids) and `change` (rows with ids) give an outcome for each row, in order. */
export interface RecordTable extends Register {
  /** What the value is called. */
  readonly what: string;
  /** Rows are looked up before every write; otherwise `make` upserts by value, and only mode `update` looks. */
  readonly look: boolean;
  make(rows: readonly MatchedRow[]): Exchange<readonly Outcome[]>;
  change(rows: readonly MatchedRow[]): Exchange<readonly Outcome[]>;
  /** Absent: records are never removed. */
  remove?(ids: readonly string[]): Exchange<Outcome>;
}

/**
 * Writes or removes records. In mode `update` a row without one is skipped; the second of two rows with one value is refused,
 * since both would write one record. `move`: a row whose value changed takes its record along, as only records may (R10).
 */
export function* deliverRecords(
  batch: Batch,
  { mode }: Pick<Context, "mode">,
  table: RecordTable,
  { move = true } = {},
): Exchange<readonly Outcome[]> {
  if (batch.op === "remove") return yield* removeRecords(batch, table);
  const found = table.look || mode === "update" ? yield* recordIds(batch.changes, table) : new Map<Change, string>();
  if (!(found instanceof Map)) return all(batch, table.broken(found as HttpResponse));
  const ids: ReadonlyMap<Change, string> = found;
  const taken = new Set<string>();
  const outcomes = new Map<Change, Outcome>();
  const fresh: MatchedRow[] = [];
  const known: MatchedRow[] = [];
  for (const change of batch.changes) {
    const value = table.valueOf(change);
    const moved = move && remoteIdOf(change) === undefined ? change.before?.remoteId : undefined;
    const id = ids.get(change) ?? moved;
    if (id === undefined && mode === "update") outcomes.set(change, skipped("not_found"));
    else if (value !== "" && taken.has(value)) outcomes.set(change, duplicate(table.what));
    else if (id === undefined) fresh.push({ change });
    else known.push({ id, change });
    taken.add(value);
  }
  for (const [rows, way] of [
    [fresh, "make"],
    [known, "change"],
  ] as const) {
    const written = rows.length === 0 ? [] : yield* table[way](rows);
    for (const [place, { change }] of rows.entries()) outcomes.set(change, written[place] ?? none);
  }
  return batch.changes.map((change) => outcomes.get(change) ?? none);
}

const none = unknown("broken answer: no verdict for this row");
const duplicate = (what: string): Outcome => rejectedEach(`duplicate_${what}`, `the same ${what} twice in one batch`);

function* removeRecords(batch: Batch, table: RecordTable): Exchange<readonly Outcome[]> {
  const ids = yield* recordIds(batch.changes, table);
  if (!(ids instanceof Map)) return all(batch, table.broken(ids as HttpResponse));
  if (ids.size === 0 || table.remove === undefined) return all(batch, accepted());
  return all(batch, yield* table.remove([...new Set<string>(ids.values())]));
}
