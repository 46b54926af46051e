/**
 * Nets a plan before anything of it is sent: what the rules say of rows that share identifiers (rules/whole.ts), decided
 * once, group by group, and frozen beside the plan, so that deliver, settle and recovery cannot differ about it (R12).
 */
import { failure } from "../errors.ts";
import {
  askOf,
  duplicatesOf,
  holdBack,
  identifierKey,
  matches,
  netAll,
  rejectionHash,
  tooOldCode,
  type Ask,
  type LedgerRow,
  type Part,
  type Wanted,
} from "../ledger/rules.ts";
import { nettedTable, opCodes, planTable, quietCodes } from "./diff.ts";
import type { Person } from "./persons.ts";
import type { PlanRow, PlanSource } from "./rows.ts";
import { readTangled, type TangledRow } from "./tangled-rows.ts";
import type { Shape } from "./shape.ts";
import { canTangle, tangle, tanglesTable, type TangleInput } from "./tangle.ts";

export interface NetInput extends TangleInput {
  readonly source: PlanSource;
  /** Hold-backs are judged as of then, and lifted by `retry`: a row that is held back leads nobody. */
  readonly now: number;
  readonly retry: boolean;
  readonly keepFirst: boolean;
  readonly person: Person;
}

const never = (): false => false;

/** What a row asks of the platform before netting; privacy reasons come as rows that left. */
export function askOfRow({ policy }: Shape, row: PlanRow): Ask {
  const context = { reason: "left", denied: never, refreshDue: row.op === "refresh" } as const;
  return askOf(row.row, row.wanted, policy, context);
}

/** May the part go now, or does an earlier refusal hold it back (R6)? */
export function heldBack(row: PlanRow, part: Part, now: number): "send" | "wait" | "dead" {
  if (row.rejections.length === 0) return "send";
  const h = rejectionHash(part, row.wanted);
  return holdBack(row.rejections.find((one) => matches(one, row.k, part, h)) ?? null, now);
}

/** Was the row skipped as an event that the destination takes no more (decision 70)? */
export const isTooOld = ({ rejections }: PlanRow): boolean => rejections.some(({ code }) => code === tooOldCode);

/** A group of rows as the rules take it. */
export function situationOf(shape: Shape, group: readonly TangledRow[]) {
  const wanted = new Map<string, Wanted>();
  const rows = new Map<string, LedgerRow>();
  for (const { row } of group) {
    if (row.wanted !== null) wanted.set(row.k, row.wanted);
    if (row.row !== null) rows.set(row.k, row.row);
  }
  return { policy: shape.policy, wanted, rows, denied: never };
}

/** Makes `netted__<id>` (n, g, fates). E523 when two keys of a record object are one record at the platform. */
export async function net(input: NetInput): Promise<void> {
  const { id, shape, source } = input;
  const { desk, target } = input.ferry;
  const table = nettedTable(target, id);
  await desk.execute(`CREATE TABLE ${table} (n UBIGINT, g UBIGINT, fates VARCHAR)`);
  if (!canTangle(shape) || (await tangle(input)) === 0) return;
  if (shape.policy.kind === "record") await oneKeyARecord(input);
  await desk.append(table, netted(input, source));
}

async function* netted(
  { ferry: { target }, shape, id, now, retry }: NetInput,
  source: PlanSource,
): AsyncGenerator<(readonly unknown[])[]> {
  for await (const group of readTangled(source, tanglesTable(target, id))) {
    const byKey = new Map(group.map(({ row }) => [row.k, row]));
    const asks = new Map<string, Ask>();
    for (const { row, quiet } of group) if (!quiet) asks.set(row.k, askOfRow(shape, row));
    const held = (k: string, part: Part): boolean => !retry && heldBack(byKey.get(k) as PlanRow, part, now) !== "send";
    const fates = netAll(situationOf(shape, group), asks, held);
    yield group.map(({ row, g }) => [placeOf(row), g, JSON.stringify(fates.get(row.k) ?? [])]);
  }
}

/** `n` of a row: `seq` without its op. */
const placeOf = ({ seq }: PlanRow): number => seq % 2 ** 48;

/**
 * Two wanted keys with one match identifier are one record at the platform (R10): an error, or, where the model says
 * `on_duplicate_key: { keep: first }`, the smallest key is sent and the others count as gone.
 */
async function oneKeyARecord(input: NetInput): Promise<void> {
  const { id, shape, source, keepFirst, person } = input;
  const { desk, target } = input.ferry;
  const lost: { n: number; op: number }[] = [];
  const told: string[] = [];
  let records = 0;
  for await (const group of readTangled(source, tanglesTable(target, id))) {
    const byKey = new Map(group.map(({ row }) => [row.k, row]));
    const duplicates = duplicatesOf(situationOf(shape, group).wanted);
    records += new Set(duplicates.values()).size;
    for (const [k, first] of duplicates) {
      const row = byKey.get(k) as PlanRow;
      lost.push({ n: placeOf(row), op: row.row === null ? quietCodes.gone : opCodes.remove });
      if (told.length < 5) told.push(`${person(first)} and ${person(k)}`);
    }
  }
  if (lost.length === 0) return;
  if (!keepFirst) throw sharedRecord(shape, records, told);
  const plan = planTable(target, id);
  for (const op of [quietCodes.gone, opCodes.remove]) {
    const places = lost.filter((one) => one.op === op).map(({ n }) => n);
    if (places.length === 0) continue;
    await desk.execute(
      `UPDATE ${plan} SET op = ${op}, seq = (CAST(${op} AS UBIGINT) << 48) + n WHERE n IN (${places.join(", ")})`,
    );
  }
}

function sharedRecord(shape: Shape, records: number, told: readonly string[]): Error {
  const { sync } = shape;
  return failure("E523", `sync "${sync.name}" would write ${records} records for two keys each (${told.join("; ")})`, {
    at: sync.at(["object"]),
    hint: "make the identifier unique in the model, or say on_duplicate_key: { keep: first, order_by: … } there: the smallest key is sent",
  });
}

/** Which request speaks for a part that another key sends: by op and identifier, the smallest key that sends it. */
export function leadersOf<T>(
  group: readonly { readonly row: PlanRow; readonly ask: Ask; readonly value: T }[],
): (part: Part) => T | null {
  const leaders = new Map<string, { readonly k: string; readonly value: T }>();
  for (const { row, ask, value } of group) {
    if (ask.kind !== "send") continue;
    ask.parts.forEach((part, at) => {
      const fate = row.net?.[at];
      if (fate !== "send" && fate !== "take") return;
      const key = `${part.op} ${identifierKey(part.id)}`;
      const known = leaders.get(key);
      if (known === undefined || row.k < known.k) leaders.set(key, { k: row.k, value });
    });
  }
  return (part) => leaders.get(`${part.op} ${identifierKey(part.id)}`)?.value ?? null;
}
