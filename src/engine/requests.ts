/**
 * The requests one plan row asks for: the rules' parts, netted and held back, gathered by what can travel together.
 * Deliver sends them and settle reads their verdicts; both come here, so a part has the same number in both.
 */
import type { Op } from "../core.ts";
import type { ObjectSpec } from "../destination/index.ts";
import { identifierKey, type Ask, type Netted, type Part } from "../ledger/rules.ts";
import { askOfRow, heldBack } from "./netting.ts";
import type { PlanRow } from "./rows.ts";
import { offersMembers, type Shape } from "./shape.ts";

/**
 * One request of a row. `part` numbers it: 2 · (kind + kinds · nth) + (0 write, 1 remove); kind is 0 unless `identify: each`,
 * nth counts identifiers of one kind, of which a request holds one.
 */
export interface RowRequest {
  readonly part: number;
  readonly op: Op;
  /** Identifier keys the request speaks of; null = all of the row's. */
  readonly only: readonly string[] | null;
  /** Leave the remote id out: the record under this identifier is another key's, and taken over (R10). */
  readonly byMatch: boolean;
}

/** What became of one of the ask's parts before sending. `held`: an earlier refusal holds it back; `follow`: another key's request counts. */
export type PartFate =
  | { readonly part: Part; readonly fate: "request"; readonly request: number; readonly byMatch: boolean }
  | { readonly part: Part; readonly fate: "follow" | "withheld" | "wait" | "held" | "dead" };

export interface RowRequests {
  readonly ask: Ask;
  readonly fates: readonly PartFate[];
  readonly requests: readonly RowRequest[];
}

/** Kinds of an `identify: each` object in the fixed order that numbers parts. */
export function partKinds(object: ObjectSpec<any>): readonly string[] {
  return object.identify === "each" ? Object.keys(object.identifiers).toSorted() : [];
}

/** The kind a part's number speaks of, where requests are cut by kind. */
export function kindOfPart(object: ObjectSpec<any>, part: number): string | undefined {
  const kinds = partKinds(object);
  return kinds.length === 0 ? undefined : kinds[(part >> 1) % kinds.length];
}

/** The requests of one row at a time (`now` decides hold-backs; `retry` lifts them). */
export function requestsOf(shape: Shape, row: PlanRow, now: number, retry: boolean): RowRequests {
  const ask = askOfRow(shape, row);
  if (ask.kind !== "send") return { ask, fates: [], requests: [] };
  const kinds = partKinds(shape.object);
  const netted = together(shape, ask.parts, row.net ?? ask.parts.map(() => "send"));
  const requests = new Map<number, RowRequest>();
  const fates = ask.parts.map((part, index): PartFate => {
    const fate = fateOf(row, part, netted[index] ?? "wait", now, retry);
    if (fate !== "send" && fate !== "take") return { part, fate };
    const number = numberOf(kinds, ask.parts, index);
    const byMatch = fate === "take" || requests.get(number)?.byMatch === true;
    requests.set(number, { part: number, op: opOf(shape, row, part), only: null, byMatch });
    return { part, fate: "request", request: number, byMatch };
  });
  const all = [...requests.values()];
  return {
    ask,
    fates,
    requests: all.map((request) => ({ ...request, only: onlyOf(row, fates, request.part, kinds) })),
  };
}

/**
 * {@link requestsOf} for many rows of one shape. Rows that were never sent, never refused and share nothing ask in the same
 * words, unless these name the row's identifiers: they are asked once.
 */
export function asker(shape: Shape, now: number, retry: boolean): (row: PlanRow) => readonly RowRequest[] {
  let common: readonly RowRequest[] | null = null;
  return (row) => {
    const alike = isNew(row);
    if (alike && common !== null) return common;
    const { requests } = requestsOf(shape, row, now, retry);
    if (alike && requests.every(({ only }) => only === null)) common = requests;
    return requests;
  };
}

const isNew = ({ op, row, wanted, net, rejections }: PlanRow): boolean =>
  op === "add" && row === null && wanted !== null && wanted.ids.length > 0 && net === null && rejections.length === 0;

/** Rows that share identifiers were netted and held back when they were planned; all others are looked at now. */
function fateOf(row: PlanRow, part: Part, netted: Netted, now: number, retry: boolean) {
  if (netted === "withheld" || netted === "follow") return netted;
  const held = retry ? "send" : heldBack(row, part, now);
  if (netted === "wait") return held === "dead" ? "dead" : held === "wait" ? "held" : "wait";
  if (row.net !== null || held === "send") return netted;
  return held === "dead" ? "dead" : "held";
}

/**
 * Where one request carries all identifiers of a row (`identify: any`), a row that is sent for one of them is sent whole:
 * platforms match a person better on all of them, and the same write twice of one identifier is one membership. Its own
 * verdict then counts for what another key sends too. Removals stay cut: at most one removal an identifier.
 */
function together({ object }: Shape, parts: readonly Part[], netted: readonly Netted[]): readonly Netted[] {
  if (object.identify === "each") return netted;
  const goes = parts.some(({ op }, at) => op === "add" && (netted[at] === "send" || netted[at] === "take"));
  return goes ? netted.map((fate, at) => (fate === "follow" && parts[at]?.op === "add" ? "send" : fate)) : netted;
}

function numberOf(kinds: readonly string[], parts: readonly Part[], index: number): number {
  const { op, id } = parts[index] as Part;
  const nth = parts.slice(0, index).filter((one) => one.op === op && one.id.kind === id.kind).length;
  const kind = Math.max(0, kinds.indexOf(id.kind));
  return 2 * (kind + Math.max(1, kinds.length) * nth) + (op === "remove" ? 1 : 0);
}

/** Objects that tell creating from changing get `update` for rows they hold; others take every write as an add. */
function opOf({ object, policy }: Shape, row: PlanRow, part: Part): Op {
  if (part.op === "remove" || policy.mode === "remove") return "remove";
  if (offersMembers({ object, policy })) return "add";
  const exists = row.row !== null || policy.mode === "update";
  return exists && row.op !== "refresh" && object.ops.includes("update") ? "update" : "add";
}

/** A write carries all the row wants (a platform matches on any of them); a removal, a farewell, and one kind's request only their own. */
function onlyOf(
  row: PlanRow,
  fates: readonly PartFate[],
  part: number,
  kinds: readonly string[],
): readonly string[] | null {
  const wanted = row.wanted !== null && row.wanted.ids.length > 0;
  if (part % 2 === 0 && kinds.length === 0 && wanted) return null;
  return fates.flatMap((fate) =>
    fate.fate === "request" && fate.request === part ? [identifierKey(fate.part.id)] : [],
  );
}

/** The row as its request shows it to the destination. */
export function addressed(row: PlanRow, request: RowRequest): PlanRow {
  return request.byMatch && row.row !== null ? { ...row, row: { ...row.row, remoteId: null } } : row;
}
