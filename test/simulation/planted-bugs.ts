/** One wrong variant per rule: each must be found, which proves that the checks see (R1-R6, R8-R10, R12-R14, R22, R33). */
import { identifierKey } from "../../src/ledger/rules.ts";
import type { LedgerRow } from "../../src/ledger/rules.ts";
import { soundRules, type RuleSet } from "./rule-set.ts";
import type { SpeltIdentifier } from "./world.ts";

export interface PlantedBug {
  readonly rule: string;
  readonly wrong: string;
  readonly rules: RuleSet;
}

const { settleKey, askOf } = soundRules;

/** R1: any accepted add makes the row right, any accepted remove of a leaver deletes it. */
const wholeRow: RuleSet["settleKey"] = (input) => {
  const settled = settleKey(input);
  const { ask, wanted, outcomes } = input;
  const accepted = (op: "add" | "remove") =>
    outcomes.some(({ part, verdict }) => part.op === op && verdict === "accepted");
  if (ask.kind !== "send" || settled.row === null) return settled;
  if (wanted !== null && accepted("add")) {
    const row: LedgerRow = {
      ...settled.row,
      ids: wanted.ids,
      h: wanted.h,
      hFast: wanted.hFast,
      state: "ok",
      doubtAt: null,
    };
    return { ...settled, row, withheld: [] };
  }
  return wanted === null && accepted("remove") ? { ...settled, row: null } : settled;
};

/** R13: a row whose delivery is unknown and must not be repeated is forgotten instead of held. */
const forgetHeld: RuleSet["settleKey"] = (input) => {
  const settled = settleKey(input);
  return settled.row?.state === "held" && input.row === null ? { ...settled, row: null } : settled;
};

/** R14: people who leave and stay at the platform are dropped from the ledger. */
const forgetLeft: RuleSet["askOf"] = (row, wanted, policy, context) => {
  const ask = askOf(row, wanted, policy, context);
  return ask.kind === "silent" && ask.row?.state === "left" ? { kind: "silent", row: null } : ask;
};

/** R5: a removal dies like an add. */
const removesDie: RuleSet["settleKey"] = (input) => {
  const settled = settleKey(input);
  const day = 24 * 3_600_000;
  const die = settled.rejections.map((one) => ({ ...one, dead: one.attempts >= 5 && one.lastAt - one.firstAt >= day }));
  return { ...settled, rejections: die };
};

/** R6: a rejection holds back everything its key asks, and is never forgotten. */
const keepRejections: RuleSet["settleKey"] = (input) => {
  const settled = settleKey(input);
  const gone = input.rejections.filter(
    (old) => old.dead && !settled.rejections.some((one) => one.op === old.op && one.h === old.h),
  );
  return { ...settled, rejections: [...settled.rejections, ...gone] };
};

/** Decision 70: what the platform finds too old is offered again with every run. */
const offerAgain: RuleSet["settleKey"] = (input) => {
  const settled = settleKey(input);
  return { ...settled, rejections: settled.rejections.filter(({ code }) => code !== "too_old") };
};

export const plantedBugs: readonly PlantedBug[] = [
  bug("R1", "settle by key instead of by identifier", { settleKey: wholeRow }),
  bug("R2", "one verdict for all parts of a change", {
    resultOf: (results, seq, part) =>
      results.get(`${seq}/${part}`) ?? [...results].find(([at]) => at.startsWith(`${seq}/`))?.[1] ?? null,
  }),
  bug("R3", "rivals found by the warehouse's spelling", {
    form: (id) => `${id.kind}\u0000${(id as SpeltIdentifier).raw}`,
  }),
  bug("R4", "a withheld removal is forgotten at once", {
    resolveCover: (settled, input) => soundRules.resolveCover(settled, input, () => true),
  }),
  bug("R5", "removals die", { settleKey: removesDie }),
  bug("R6", "hold-back by key alone", { settleKey: keepRejections, matches: (rejection, k) => rejection.k === k }),
  bug("R8", "late effects are not expected", {
    settleKey: (input) =>
      settleKey({ ...input, row: input.row && { ...input.row, doubtAt: null }, doubtOf: () => null }),
  }),
  bug("R9", "identifiers of denied people stay where others want them", { denial: false }),
  bug("R10", "a record written by another key keeps its fingerprint", { shaken: (row) => row }),
  bug("R12", "no netting", {
    netKey: (_k, ask) => (ask.kind === "send" ? ask.parts.map(() => "send" as const) : []),
  }),
  bug("R13", "held rows are forgotten", { settleKey: forgetHeld }),
  bug("R14", "people who were left at the platform are forgotten", { askOf: forgetLeft }),
  bug("D70", "events that are too old are offered again", { settleKey: offerAgain }),
  bug("R22", "ledger writes without a fence", { fenced: false }),
  bug("R33", "idempotency keys made from content", {
    idempotencyKey: (_plan, _seq, _part, k, asked, content) => `${k}:${asked.op}:${identifierKey(asked.id)}:${content}`,
  }),
];

function bug(rule: string, wrong: string, changed: Partial<RuleSet>): PlantedBug {
  return { rule, wrong, rules: { ...soundRules, ...changed } };
}
