/** What a frozen plan comes to: rows per op, rows that are skipped and why, a few examples. The same code counts what deliver sends. */
import type { Json, OpCounts, PlannedRow } from "../core.ts";
import { tooOldCode } from "../ledger/rules.ts";
import { integer } from "../warehouse/row.ts";
import { opCodes, planTable, type PlanOp } from "./diff.ts";
import { maskValue, type Person } from "./persons.ts";
import { isTooOld } from "./netting.ts";
import { isPlain } from "./plain.ts";
import { requestsOf } from "./requests.ts";
import { planCounts } from "./plan-size.ts";
import { pickRows, readPlan, type PlanRow } from "./rows.ts";
import type { SyncPlan } from "./plan-sync.ts";

export interface Summary {
  readonly planned: OpCounts;
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
  readonly inDoubt: number;
  readonly retrying: number;
  readonly requests: number;
}

export async function summarise(plan: SyncPlan, now: number, retry: boolean): Promise<Summary> {
  const limit = plan.shape.object.limits.rows;
  const reasons = new Map<string, number>();
  const skip = (reason: string, rows: number): void =>
    void (rows > 0 && reasons.set(reason, (reasons.get(reason) ?? 0) + rows));
  skip("no_key", plan.rows.nullKeys);
  skip("late", plan.late);
  skip("changed_after_send", plan.changedAfterSend);
  if (plan.assumes) {
    const { add } = await planCounts(plan.source);
    skip("assumed", add);
    return {
      planned: { add: 0, update: 0, remove: 0 },
      skipped: listOf(reasons),
      inDoubt: 0,
      retrying: 0,
      requests: 0,
    };
  }
  if (await isPlain(plan.source)) {
    const { add, update, remove, refresh } = await planCounts(plan.source);
    const requests = [add, update, remove, refresh].reduce((sum, rows) => sum + Math.ceil(rows / limit), 0);
    return {
      planned: { add: add + refresh, update, remove },
      skipped: listOf(reasons),
      inDoubt: 0,
      retrying: 0,
      requests,
    };
  }
  const planned = { add: 0, update: 0, remove: 0 };
  const perPart = new Map<string, number>();
  let [inDoubt, retrying] = [0, 0];
  for await (const { op, rows } of readPlan(plan.source)) {
    for (const row of rows) {
      if (row.row?.state === "doubt") inDoubt += 1;
      const { ask, fates, requests } = requestsOf(plan.shape, row, now, retry);
      if (requests.length === 0 && !fates.some(({ fate }) => fate === "follow")) {
        const reason = skipReason(row, ask.kind === "nothing" ? ask.because : ask.kind, fates);
        if (reason !== null) skip(reason, 1);
        continue;
      }
      if (row.rejections.length > 0) retrying += 1;
      planned[op === "refresh" ? "add" : op] += 1;
      for (const request of requests) {
        const key = `${request.op} ${request.part}`;
        perPart.set(key, (perPart.get(key) ?? 0) + 1);
      }
    }
  }
  const requests = [...perPart.values()].reduce((sum, rows) => sum + Math.ceil(rows / limit), 0);
  return { planned, skipped: listOf(reasons), inDoubt, retrying, requests };
}

const listOf = (reasons: ReadonlyMap<string, number>): Summary["skipped"] =>
  [...reasons].map(([reason, count]) => ({ reason, count })).toSorted((a, b) => (a.reason < b.reason ? -1 : 1));

function skipReason(row: PlanRow, why: string, fates: readonly { readonly fate: string }[]): string | null {
  if (row.wanted !== null && row.wanted.ids.length === 0) return "no_identifier";
  if (fates.some(({ fate }) => fate === "dead")) return isTooOld(row) ? tooOldCode : "given_up";
  if (fates.some(({ fate }) => fate === "held" || fate === "wait")) return "waiting_to_retry";
  if (fates.some(({ fate }) => fate === "withheld")) return "shared_identifier";
  if (why === "held") return "held";
  if (why === "replay") return "waiting_for_replay";
  if (why === "silent") return row.op === "remove" ? "kept_on_leave" : null;
  return null;
}

/** A few rows of each op, persons as pseudonyms, values masked; the same ones each time. */
export async function sampleOf(plan: SyncPlan, most: number, person: Person): Promise<readonly PlannedRow[]> {
  if (most === 0 || plan.assumes) return [];
  const { warehouse, target, id } = plan.source;
  const rows = await warehouse.rows(
    `SELECT op, n FROM ${planTable(target, id)} QUALIFY row_number() OVER (PARTITION BY op ORDER BY k) <= ${most} ORDER BY op, k`,
  );
  const sample: PlannedRow[] = [];
  for (const op of Object.keys(opCodes) as PlanOp[]) {
    const places = rows.filter((row) => integer(row, "op") === opCodes[op]).map((row) => integer(row, "n"));
    const picked = await pickRows(plan.source, op, places);
    for (const row of picked.toSorted((a, b) => (a.k < b.k ? -1 : 1))) sample.push(plannedRow(plan, row, person));
  }
  return sample;
}

function plannedRow(plan: SyncPlan, row: PlanRow, person: Person): PlannedRow {
  const identifiers = plan.shape.identifiers.flatMap(({ kind }, index) => {
    const raw = row.raw[index];
    return raw === null || raw === undefined ? [] : [[kind, maskValue(raw)] as const];
  });
  const masked = Object.entries(row.fields ?? {}).map(([name, value]) => [name, masked1(value)] as const);
  return {
    op: row.op,
    person: person(row.k),
    identifiers: Object.fromEntries(identifiers),
    fields: Object.fromEntries(masked),
    because: because(row),
  };
}

const masked1 = (value: Json): Json =>
  typeof value === "string" ? maskValue(value) : typeof value === "object" && value !== null ? "•••" : value;

function because({ op, row }: PlanRow): string {
  if (op === "refresh") return "the membership would lapse soon";
  switch (row?.state) {
    case undefined:
      return "new";
    case "doubt":
      return "sent before, never answered";
    case "owed":
      return "an earlier request was refused";
    case "left":
      return "came back";
    default:
      return op === "remove" ? "left" : "changed";
  }
}
