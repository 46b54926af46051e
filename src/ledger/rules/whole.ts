/** The same rules over a whole ledger in memory: the oracle of the SQL, and the simulator's engine. */
import type { SentIdentifier } from "../../core.ts";
import { sameContent } from "./ask.ts";
import { hasIdentifier, identifierKey, minus, withoutDenied } from "./identifiers.ts";
import { netKey, type Rivals } from "./net.ts";
import { overtaken, unsure } from "./recover.ts";
import { resolveCover, settleKey, type SettleInput } from "./settle.ts";
import type { Ask, LedgerRow, Netted, Part, Policy, Rejection, Wanted } from "./types.ts";

export interface Situation {
  readonly policy: Policy;
  /** Today's keys, already without denied identifiers. */
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly rows: ReadonlyMap<string, LedgerRow>;
  readonly denied: (id: SentIdentifier) => boolean;
}

/** Finds keys by identifier. `form` is the text that tells identifiers apart; exact netting uses the form as sent (R3). */
function indexBy<T>(
  entries: Iterable<readonly [string, T]>,
  idsOf: (one: T) => readonly SentIdentifier[],
  form: Form,
): Index {
  const index = new Map<string, string[]>();
  for (const [k, one] of entries) {
    for (const id of idsOf(one)) {
      const at = form(id);
      const keys = index.get(at);
      if (keys === undefined) index.set(at, [k]);
      else keys.push(k);
    }
  }
  return (id) => index.get(form(id)) ?? [];
}

type Form = (id: SentIdentifier) => string;
type Index = (id: SentIdentifier) => readonly string[];

/** Nets a whole plan (R12): per key the fate of each part; parts that are `heldBack` neither lead nor leave. */
export function netAll(
  situation: Situation,
  asks: ReadonlyMap<string, Ask>,
  heldBack: (k: string, part: Part) => boolean,
  net: typeof netKey = netKey,
  form: Form = identifierKey,
): ReadonlyMap<string, readonly Netted[]> {
  const rivals = rivalsOf(situation, asks, heldBack, form);
  const netted = new Map<string, readonly Netted[]>();
  for (const [k, ask] of asks) {
    if (ask.kind !== "send") continue;
    const fates = net(k, ask, situation.policy, rivals(k));
    netted.set(
      k,
      fates.map((fate, at) => (fate !== "withheld" && heldBack(k, ask.parts[at] as Part) ? "wait" : fate)),
    );
  }
  return netted;
}

function rivalsOf(
  { policy, wanted, rows, denied }: Situation,
  asks: ReadonlyMap<string, Ask>,
  heldBack: (k: string, part: Part) => boolean,
  form: Form,
): (k: string) => Rivals {
  const wanters = indexBy(wanted, (one) => one.ids, form);
  const stayers = [...rows].filter(([k, row]) => isKept(row, wanted.get(k), asks.get(k), policy));
  const keepers = indexBy(stayers, (row) => withoutDenied(minus(row.ids, removedBy(asks.get(row.k))), denied), form);
  // Mode update cannot create: a row that never met a record holds none that could be taken over.
  const holding = [...rows].filter(([, row]) => policy.mode !== "update" || row.remoteId !== null);
  const holders = indexBy(holding, (row) => row.ids, form);
  const leaders = new Map<string, string>();
  for (const [k, ask] of asks) {
    for (const part of ask.kind === "send" ? ask.parts : []) {
      if (ask.kind === "send" && ask.op === "set" && wanters(part.id).length > 0) continue;
      const at = `${part.op} ${identifierKey(part.id)}`;
      const first = leaders.get(at);
      if (!heldBack(k, part) && (first === undefined || k < first)) leaders.set(at, k);
    }
  }
  const moves = (other: string, id: SentIdentifier): boolean => {
    const row = rows.get(other);
    const today = wanted.get(other);
    if (row === undefined || today === undefined) return false;
    const ask = asks.get(other);
    if (ask?.kind !== "send" || !ask.byRemoteId || ask.parts.some((part) => heldBack(other, part))) return false;
    return today.ids.length > 0 && !hasIdentifier(today.ids, id);
  };
  const movers = (k: string, id: SentIdentifier) => holders(id).filter((other) => other !== k && moves(other, id));
  const waits = (k: string): boolean => {
    const match = wanted.get(k)?.ids[0];
    return match !== undefined && movers(k, match).length > 0;
  };
  return (k) => ({
    carried: (id) => wanters(id).some((other) => other !== k),
    kept: (id) => keepers(id).some((other) => other !== k),
    leaderOf: (part) => leaders.get(`${part.op} ${identifierKey(part.id)}`) ?? k,
    holder: (id) => {
      if (holders(id).every((other) => other === k)) return "none";
      return movers(k, id).some((other) => !waits(other)) ? "moves" : "stays";
    },
  });
}

/** Someone who left, and whom the policy leaves at the platform: their row goes on holding its identifiers (R14). In mode add everybody's does. */
function isKept(row: LedgerRow, wanted: Wanted | undefined, ask: Ask | undefined, policy: Policy): boolean {
  if (wanted !== undefined && wanted.ids.length > 0) return policy.mode === "add";
  const after = ask?.kind === "silent" ? ask.row : row;
  return after?.state === "left" || (ask?.kind === "send" && (ask.op === "set" || policy.onLeave === "keep"));
}

function removedBy(ask: Ask | undefined): readonly SentIdentifier[] {
  const parts = ask?.kind === "send" ? ask.parts : [];
  return parts.filter((part) => part.op === "remove").map((part) => part.id);
}

/** Newest doubt_at among all rows whose ids hold an identifier (R8). */
export function doubtsOf(rows: Iterable<LedgerRow>): (id: SentIdentifier) => number | null {
  const newest = new Map<string, number>();
  for (const row of rows) {
    if (row.doubtAt === null) continue;
    for (const id of row.ids) {
      const at = identifierKey(id);
      newest.set(at, Math.max(newest.get(at) ?? row.doubtAt, row.doubtAt));
    }
  }
  return (id) => newest.get(identifierKey(id)) ?? null;
}

/** A row whose record another key wrote, moved or deleted: neither its content nor its remote id is known any more (R10). */
export function shaken(row: LedgerRow): LedgerRow {
  return { ...unsure(row), remoteId: null };
}

/** The per-key rules a settle is made of, replaceable where a simulator plants a bug. */
export interface SettleRules {
  readonly settleKey: typeof settleKey;
  readonly resolveCover: typeof resolveCover;
  readonly shaken: typeof shaken;
}

/**
 * Settles many keys at once: each by itself, then records that others touched are shaken (R10), then withheld
 * identifiers are given up where another wanted row, or one that was left there, holds them now (R4).
 */
export function settleAll(
  situation: Situation,
  inputs: readonly SettleInput[],
  rules: SettleRules = { settleKey, resolveCover, shaken },
): { readonly rows: ReadonlyMap<string, LedgerRow>; readonly rejections: readonly Rejection[] } {
  const rows = new Map(situation.rows);
  const settled = inputs.map((input) => ({ input, result: rules.settleKey(input) }));
  for (const { input, result } of settled) put(rows, input.k, result.row);
  if (situation.policy.kind === "record") shake(situation, rows, inputs, rules);
  else if (situation.policy.mode !== "remove") overtake(situation, rows, inputs);
  const holding = indexBy(rows, (row) => row.ids, identifierKey);
  const grows = situation.policy.mode === "add";
  const holds = (other: string, id: SentIdentifier): boolean => {
    const today = situation.wanted.get(other);
    if (grows) return true;
    return today !== undefined && today.ids.length > 0
      ? hasIdentifier(today.ids, id)
      : rows.get(other)?.state === "left";
  };
  const resolved = settled.map(({ input, result }) => {
    const now = result.row === null ? null : (rows.get(input.k) ?? null);
    const covered = (id: SentIdentifier) => holding(id).some((other) => other !== input.k && holds(other, id));
    return [input.k, rules.resolveCover({ ...result, row: now }, input, covered)] as const;
  });
  for (const [k, row] of resolved) put(rows, k, row);
  return { rows, rejections: settled.flatMap(({ result }) => result.rejections) };
}

function shake(
  situation: Situation,
  rows: Map<string, LedgerRow>,
  inputs: readonly SettleInput[],
  rules: SettleRules,
): void {
  for (const { k, row, outcomes } of inputs) {
    const applied = outcomes.filter(({ verdict }) => mayHaveCome(verdict));
    if (applied.length === 0) continue;
    const touched = applied.map(({ part }) => part.id);
    const renamed = applied.some(({ byRemoteId }) => byRemoteId) ? (row?.remoteId ?? null) : null;
    for (const [other, one] of rows) {
      if (other === k) continue;
      const named = namesOf(one, situation.wanted.get(other));
      // A record written by its remote id is taken away from every identifier it had.
      const may = one.remoteId === null && named.some((id) => hasIdentifier(row?.ids ?? [], id));
      const same = renamed !== null && (one.remoteId === renamed || may);
      if (same || named.some((id) => hasIdentifier(touched, id))) rows.set(other, rules.shaken(one));
    }
  }
}

/**
 * What took an identifier away took it from everybody: rows of other keys that hold it, and were not told themselves, are not
 * right any more, nor will their own unanswered requests make them so (R1, R13). They may be held back, or say nothing.
 */
function overtake({ rows: before }: Situation, rows: Map<string, LedgerRow>, inputs: readonly SettleInput[]): void {
  const taken = new Map(
    inputs.map(({ k, outcomes }) => [k, outcomes.filter(takes).map(({ part }) => part.id)] as const),
  );
  for (const gone of taken.values()) {
    for (const [k, row] of gone.length === 0 ? [] : rows) {
      const held = gone.filter((id) => hasIdentifier(row.ids, id));
      if (minus(held, taken.get(k) ?? []).length > 0) rows.set(k, unsure(row));
      // What was unanswered before was asked before.
      else if (held.length > 0 && row.idem === before.get(k)?.idem) rows.set(k, overtaken(row));
    }
  }
}

const takes = ({ part, verdict }: SettleInput["outcomes"][number]): boolean =>
  part.op === "remove" && mayHaveCome(verdict);

const mayHaveCome = (verdict: SettleInput["outcomes"][number]["verdict"]): boolean =>
  verdict === "accepted" || verdict === "unknown";

/** The identifiers a record's content stands under: today's where the row is right, all it may have otherwise. */
function namesOf(row: LedgerRow, wanted: Wanted | undefined): readonly SentIdentifier[] {
  return row.state === "ok" && wanted !== undefined && sameContent(row, wanted) ? wanted.ids : row.ids;
}

function put(rows: Map<string, LedgerRow>, k: string, row: LedgerRow | null): void {
  if (row === null) rows.delete(k);
  else rows.set(k, row);
}
