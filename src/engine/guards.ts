/** Guards (decision 10): limits that stop a sync before anything is sent. Pure: numbers in, verdicts out. */
import type { GuardResult } from "../core.ts";
import type { GuardSpec, Limit } from "../project/project.ts";

/** What guards look at, all counted by the plan. */
export interface GuardFacts {
  /** Rows the model or audience gives. */
  readonly wanted: number;
  /** Rows the ledger holds, those that left aside. */
  readonly held: number;
  readonly adds: number;
  /** Removals of the plan, and those sent in the last 24 hours (S20). */
  readonly removes: number;
  readonly removedToday: number;
  readonly first: boolean;
  /** The destination is a real platform, so a first run asks (decision 9). */
  readonly real: boolean;
  readonly confirmed: boolean;
  /** Delivery `once` or mode append: a mass of adds is always looked at (R20). */
  readonly addsMatter: boolean;
  /** Sources past `freshness.fail`. */
  readonly stale: readonly string[];
  /** Failing error-severity tests upstream. */
  readonly failedTests: readonly string[];
  /** Share of rows without the identifier, by kind. */
  readonly nullShares: Readonly<Record<string, number>>;
}

/** Codes of all guards. */
export const guardCodes = ["G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G10", "G11"] as const;

/** Decision 10's defaults; `growth` and `first_run` do not concern first runs and destinations that are not real. */
export const defaultGuards = {
  empty: "stop",
  shrink: { share: 0.2 },
  growth: { share: 1 },
  remove: { share: { share: 0.15 }, min: 20 },
  freshness: "stop",
  first_run: "confirm",
  tests: "stop",
} as const satisfies GuardSpec;

/** The first that names a key decides it: environment > sync > audience > destination > millrace.yml > default. */
export function mergeGuards(...levels: readonly GuardSpec[]): GuardSpec {
  const merged: Record<string, unknown> = { ...defaultGuards };
  for (const level of levels.toReversed()) {
    for (const [name, value] of Object.entries(level)) if (value !== undefined) merged[name] = value;
  }
  return merged as GuardSpec;
}

/** Every guard that is on, in order of its code. */
export function checkGuards(spec: GuardSpec, facts: GuardFacts): readonly GuardResult[] {
  return [
    emptyGuard(spec, facts),
    shrinkGuard(spec, facts),
    growthGuard(spec, facts),
    removeGuard(spec, facts),
    rowsGuard("G5", "min_rows", spec.min_rows, facts.wanted, (rows, limit) => rows >= limit),
    rowsGuard("G6", "max_rows", spec.max_rows, facts.wanted, (rows, limit) => rows <= limit),
    listGuard("G7", "freshness", spec.freshness ?? "stop", facts.stale, "stale sources"),
    ...Object.entries(spec.null_share ?? {}).map(([kind, limit]) => nullGuard(kind, limit, facts)),
    firstRunGuard(spec, facts),
    listGuard("G10", "tests", spec.tests ?? "stop", facts.failedTests, "failing tests"),
    addsGuard(spec, facts),
  ].filter((guard) => guard !== null);
}

const result = (
  code: string,
  name: string,
  ok: boolean,
  value: number,
  limit: number,
  message: string,
): GuardResult => ({ code, name, ok, value, limit, message });
const count = (rows: number): string => rows.toLocaleString("en-US");
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function emptyGuard({ empty }: GuardSpec, { wanted, held }: GuardFacts): GuardResult | null {
  if (empty === "allow") return null;
  return result(
    "G1",
    "empty",
    !(wanted === 0 && held > 0),
    wanted,
    1,
    `${count(wanted)} rows wanted, the destination holds ${count(held)}`,
  );
}

/** Share and absolute floor must both be passed: small audiences move by more than a share every day. */
function shrinkGuard({ shrink }: GuardSpec, { wanted, held }: GuardFacts): GuardResult | null {
  return changeGuard(
    "G2",
    "shrink",
    shrink,
    held - wanted,
    held,
    50,
    `now ${count(wanted)}, the destination holds ${count(held)}`,
  );
}

function growthGuard({ growth }: GuardSpec, { wanted, held, first }: GuardFacts): GuardResult | null {
  if (first) return null;
  return changeGuard(
    "G3",
    "growth",
    growth,
    wanted - held,
    held,
    1_000,
    `now ${count(wanted)}, the destination holds ${count(held)}`,
  );
}

function changeGuard(
  code: string,
  name: string,
  limit: Limit | undefined,
  rows: number,
  of: number,
  floor: number,
  message: string,
): GuardResult | null {
  if (limit === undefined || limit === "off") return null;
  if ("rows" in limit) return result(code, name, rows <= limit.rows, rows, limit.rows, message);
  const share = of === 0 ? (rows > 0 ? 1 : 0) : rows / of;
  const ok = share <= limit.share || rows < floor;
  return result(
    code,
    name,
    ok,
    Math.max(0, share),
    limit.share,
    `${message} (${percent(Math.max(0, share))}, limit ${percent(limit.share)})`,
  );
}

function removeGuard({ remove }: GuardSpec, { removes, removedToday, held }: GuardFacts): GuardResult | null {
  if (remove === undefined || remove === "off") return null;
  const rows = removes + removedToday;
  const today = removedToday > 0 ? ` (${count(removedToday)} of them in the last 24 hours)` : "";
  const message = `${count(rows)} removals${today} of ${count(held)} people held`;
  const limit = "min" in remove ? remove.share : remove;
  const floor = "min" in remove ? remove.min : 20;
  if (limit === "off") return null;
  if ("rows" in limit) return result("G4", "remove", rows <= limit.rows, rows, limit.rows, message);
  const base = held + removedToday;
  const share = base === 0 ? 0 : rows / base;
  return result(
    "G4",
    "remove",
    rows <= floor || share <= limit.share,
    share,
    limit.share,
    `${message} (${percent(share)}, limit ${percent(limit.share)})`,
  );
}

function rowsGuard(
  code: string,
  name: string,
  limit: number | undefined,
  rows: number,
  holds: (rows: number, limit: number) => boolean,
): GuardResult | null {
  return limit === undefined
    ? null
    : result(code, name, holds(rows, limit), rows, limit, `${count(rows)} rows wanted, limit ${count(limit)}`);
}

function listGuard(
  code: string,
  name: string,
  mode: "stop" | "allow",
  found: readonly string[],
  what: string,
): GuardResult | null {
  if (mode === "allow") return null;
  const message = found.length === 0 ? `no ${what}` : `${what}: ${found.slice(0, 5).join(", ")}`;
  return result(code, name, found.length === 0, found.length, 0, message);
}

function nullGuard(kind: string, limit: Limit, { nullShares, wanted }: GuardFacts): GuardResult | null {
  if (limit === "off") return null;
  const share = nullShares[kind] ?? 0;
  const most = "share" in limit ? limit.share : limit.rows / Math.max(1, wanted);
  return result(
    "G8",
    "null_share",
    share <= most,
    share,
    most,
    `${percent(share)} of the rows have no ${kind} (limit ${percent(most)})`,
  );
}

function firstRunGuard({ first_run }: GuardSpec, { first, real, confirmed, wanted }: GuardFacts): GuardResult | null {
  if (!first || !real || first_run === "allow") return null;
  return result(
    "G9",
    "first_run",
    confirmed,
    wanted,
    0,
    `runs for the first time and will send ${count(wanted)} rows; --yes confirms it`,
  );
}

/** Many adds while the size hardly moves: keys were re-encoded, or the source was reloaded (R20). */
function addsGuard({ adds }: GuardSpec, facts: GuardFacts): GuardResult | null {
  const limit = adds ?? (facts.addsMatter ? { share: 0.5 } : undefined);
  if (limit === undefined || limit === "off" || facts.first || facts.held === 0) return null;
  const message = `${count(facts.adds)} adds on ${count(facts.held)} rows held, while ${count(facts.wanted)} are wanted`;
  if ("rows" in limit) return result("G11", "adds", facts.adds <= limit.rows, facts.adds, limit.rows, message);
  const share = facts.adds / facts.held;
  const grown = (facts.wanted - facts.held) / facts.held;
  return result("G11", "adds", share <= limit.share || share - grown < 0.1, share, limit.share, message);
}
