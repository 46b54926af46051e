/** The simulated warehouse (one sync's ledger) and the runner's local journal. */
import type { Ask, LedgerRow, Netted, Rejection, Verdict, Wanted } from "../../src/ledger/rules.ts";

/** One key of a plan table. */
export interface Entry {
  readonly seq: number;
  readonly k: string;
  readonly ask: Ask;
  readonly wanted: Wanted | null;
  readonly netted: readonly Netted[];
  readonly remoteId: string | null;
  readonly content: string;
}

export interface Plan {
  readonly id: string;
  readonly entries: readonly Entry[];
  /** Leads of shared requests: `op identifier` -> `seq/part`. */
  readonly leads: ReadonlyMap<string, string>;
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly denied: ReadonlySet<string>;
}

/** What is known of one part, by `seq/part`. */
export interface Result {
  readonly verdict: Verdict;
  readonly sentAt: number;
  readonly code: string;
  readonly remoteId: string | null;
}

/** A ledger write under a fence that somebody else has taken over. */
export class Fenced extends Error {}

export class Store {
  rows: ReadonlyMap<string, LedgerRow> = new Map();
  rejections: readonly Rejection[] = [];
  fence = 0;
  serial = 0;
  plans = 0;
  open: Plan | null = null;
  horizon: number | null = null;
  heartbeat = 0;
  settledTo = -1;
  flushed = new Map<string, Result>();
  private readonly fenced: boolean;

  constructor(fenced: boolean) {
    this.fenced = fenced;
  }

  /** Every ledger write names fence and plan (R22, I5). */
  write(fence: number, plan: string | null, change: () => void): void {
    if (!this.holds(fence, plan)) throw new Fenced();
    change();
  }

  holds(fence: number, plan: string | null): boolean {
    return !this.fenced || (fence === this.fence && plan === (this.open?.id ?? null));
  }
}

/** A local file: intents before, verdicts after; it belongs to one plan. */
export class Journal {
  private readonly plans = new Map<string, { readonly intents: Set<string>; readonly verdicts: Map<string, Result> }>();

  of(plan: string): { readonly intents: Set<string>; readonly verdicts: Map<string, Result> } {
    const known = this.plans.get(plan);
    if (known !== undefined) return known;
    const made = { intents: new Set<string>(), verdicts: new Map<string, Result>() };
    this.plans.set(plan, made);
    return made;
  }

  lose(): void {
    this.plans.clear();
  }
}
