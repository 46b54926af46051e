/**
 * The requests one plan row asks for: the rules' parts, netted and held back, gathered by what can travel together.
 * Deliver sends them and settle reads their verdicts; both come here, so a part has the same number in both.
 */
import type { Op } from "../core.ts";
import type { ObjectSpec } from "../destination/index.ts";
import {
  askOf,
  holdBack,
  identifierKey,
  matches,
  netKey,
  rejectionHash,
  type Ask,
  type Part,
} from "../ledger/rules.ts";
import type { PlanRow } from "./rows.ts";
import type { Shape } from "./shape.ts";

/** One request of a row. `part` numbers it: 2 · kind + (0 write, 1 remove), kind 0 unless `identify: each`. */
export interface RowRequest {
  readonly part: number;
  readonly op: Op;
  /** Identifier keys the request speaks of; null = all of the row's. */
  readonly only: readonly string[] | null;
}

/** What became of one of the ask's parts before sending. `held`: an earlier refusal holds it back. */
export type PartFate =
  | { readonly part: Part; readonly fate: "request"; readonly request: number }
  | { readonly part: Part; readonly fate: "withheld" | "wait" | "held" | "dead" };

export interface RowRequests {
  readonly ask: Ask;
  readonly fates: readonly PartFate[];
  readonly requests: readonly RowRequest[];
}

/** Kinds of an `identify: each` object in the fixed order that numbers parts. */
export function partKinds(object: ObjectSpec<any>): readonly string[] {
  return object.identify === "each" ? Object.keys(object.identifiers).toSorted() : [];
}

const never = (): false => false;

/** The requests of one row at a time (`now` decides hold-backs; `retry` lifts them). */
export function requestsOf(shape: Shape, row: PlanRow, now: number, retry: boolean): RowRequests {
  const { policy, object } = shape;
  const ask = askOf(row.row, row.wanted, policy, { reason: "left", denied: never, refreshDue: row.op === "refresh" });
  if (ask.kind !== "send") return { ask, fates: [], requests: [] };
  const carried = new Set(row.withheld.map(identifierKey));
  const netted = netKey(row.k, ask, policy, {
    carried: (id) => carried.has(identifierKey(id)),
    leaderOf: () => row.k,
    kept: never,
    holder: () => "none",
  });
  const kinds = partKinds(object);
  const requests: RowRequest[] = [];
  const fates = ask.parts.map((part, index): PartFate => {
    const held = retry ? "send" : heldBack(row, part, now);
    if (netted[index] === "withheld" || netted[index] === "wait") return { part, fate: netted[index] };
    if (held !== "send") return { part, fate: held === "dead" ? "dead" : "held" };
    const number = 2 * Math.max(0, kinds.indexOf(part.id.kind)) + (part.op === "remove" ? 1 : 0);
    if (!requests.some((request) => request.part === number)) {
      requests.push({ part: number, op: opOf(shape, row, part), only: null });
    }
    return { part, fate: "request", request: number };
  });
  return {
    ask,
    fates,
    requests: requests.map((request) => ({ ...request, only: onlyOf(fates, request.part, kinds) })),
  };
}

function heldBack(row: PlanRow, part: Part, now: number): "send" | "wait" | "dead" {
  if (row.rejections.length === 0) return "send";
  const h = rejectionHash(part, row.wanted);
  return holdBack(row.rejections.find((one) => matches(one, row.k, part, h)) ?? null, now);
}

/** Objects that tell creating from changing get `update` for rows they hold; others take every write as an add. */
function opOf({ object, policy }: Shape, row: PlanRow, part: Part): Op {
  if (part.op === "remove" || policy.mode === "remove") return "remove";
  const exists = row.row !== null || policy.mode === "update";
  return exists && row.op !== "refresh" && object.ops.includes("update") ? "update" : "add";
}

/** A write carries all the row has (a platform matches on any of them); a removal, and one kind's request, only its own. */
function onlyOf(fates: readonly PartFate[], part: number, kinds: readonly string[]): readonly string[] | null {
  if (part % 2 === 0 && kinds.length === 0) return null;
  return fates.flatMap((fate) =>
    fate.fate === "request" && fate.request === part ? [identifierKey(fate.part.id)] : [],
  );
}
