/** Counts of one sync's delivery: what the report says and what limits look at. Per request row, settle counts per change. */
import type { Op } from "../core.ts";
import type { Verdict } from "../ledger/rules.ts";

/** Distinct refusals kept for the report. */
const most = 50;

export class Tally {
  accepted = 0;
  /** Rows refused one by one while halving, since the last acceptance. */
  refusedAlone = 0;
  done = 0;
  readonly byOp: Record<Op, number> = { add: 0, update: 0, remove: 0 };
  readonly #refusals = new Map<string, { code: string; message: string; count: number }>();

  count(op: Op, verdict: Verdict, rows: number, code: string, message: string): void {
    this.done += rows;
    if (verdict === "accepted") {
      this.accepted += rows;
      this.byOp[op] += rows;
      this.refusedAlone = 0;
    }
    if (verdict !== "rejected") return;
    if (rows === 1) this.refusedAlone += 1;
    const key = `${code}\u0000${message}`;
    const known = this.#refusals.get(key);
    if (known !== undefined) known.count += rows;
    else if (this.#refusals.size < most) this.#refusals.set(key, { code, message, count: rows });
  }

  /** Reasons with their counts, most frequent first. */
  get refusals(): readonly { readonly code: string; readonly message: string; readonly count: number }[] {
    return [...this.#refusals.values()].toSorted((a, b) => b.count - a.count);
  }
}
