/** The rules a simulated engine runs on, each replaceable by a wrong one. */
import type { Part, Verdict } from "../../src/ledger/rules.ts";
import * as ledger from "../../src/ledger/rules.ts";
import type { Result } from "./store.ts";

export interface RuleSet {
  readonly askOf: typeof ledger.askOf;
  readonly netKey: typeof ledger.netKey;
  /** What tells identifiers apart when rivals are looked for (R3). */
  readonly form: (id: Part["id"]) => string;
  readonly settleKey: typeof ledger.settleKey;
  readonly resolveCover: typeof ledger.resolveCover;
  readonly shaken: typeof ledger.shaken;
  readonly matches: typeof ledger.matches;
  /** The verdict of one part of a change among all that are known (R2). */
  readonly resultOf: (results: ReadonlyMap<string, Result>, seq: number, part: number) => Result | null;
  /** The idempotency key of a part (R33). */
  readonly idempotencyKey: (plan: string, seq: number, part: number, k: string, asked: Part, content: string) => string;
  /** Do identifiers of denied keys go, whoever else wants them (R9)? */
  readonly denial: boolean;
  /** Are ledger writes conditional on fence and plan (R22)? */
  readonly fenced: boolean;
}

export const soundRules: RuleSet = {
  askOf: ledger.askOf,
  netKey: ledger.netKey,
  form: ledger.identifierKey,
  settleKey: ledger.settleKey,
  resolveCover: ledger.resolveCover,
  shaken: ledger.shaken,
  matches: ledger.matches,
  resultOf: (results, seq, part) => results.get(`${seq}/${part}`) ?? null,
  idempotencyKey: (plan, seq, part) => `${plan}:${seq}:${part}`,
  denial: true,
  fenced: true,
};

export const unsent: Result = { verdict: "unsent" satisfies Verdict, sentAt: 0, code: "", remoteId: null };
