/** The plan table of a sync with what is counted beside it; a key that has two rows is found here. */
import { sentTable } from "../ledger/tables.ts";
import { changedEvents, type DiffInput } from "./diff.ts";
import { ask, type Figure, type Figures } from "./figures.ts";
import { freezeApart, freezeDiff } from "./freeze-diff.ts";
import {
  collapsed,
  duplicateKeys,
  hasDuplicates,
  heldFigure,
  keyFigure,
  unmatchedFigure,
  withKeys,
  type WantedRows,
} from "./keys.ts";
import type { Workspace } from "./workspace.ts";
import type { PlanSyncOptions } from "./plan-sync.ts";

/** Snapshots: one change, and everybody who is wanted goes out again; rows are compared first, so that a quiet run stays quiet. */
export const freezeAll = (
  workspace: Workspace,
  input: Omit<DiffInput, "rows">,
  relation: string,
  counted: Counted,
): Promise<Frozen> => freeze(workspace, { ...input, full: true }, relation, { ...counted, beside: null });

interface Counted {
  readonly late: Figure | null;
  readonly beside: PlanSyncOptions["beside"] | null;
}

interface Frozen {
  readonly rows: WantedRows;
  readonly figures: Figures;
}

/** Makes the plan table; where a key has two rows, once more without exact copies, then E521. */
export async function freeze(
  workspace: Workspace,
  input: Omit<DiffInput, "rows">,
  relation: string,
  counted: Counted,
): Promise<Frozen> {
  const first = await freezeOnce(workspace, input, relation, counted);
  if (!first.twice) return first;
  const { shape } = input;
  const once = collapsed(workspace, shape, relation);
  const second = await freezeOnce(workspace, input, once, { ...counted, beside: null });
  if (second.twice) throw await duplicateKeys(workspace, shape, second.rows);
  const rows = { ...second.rows, nullKeys: first.rows.nullKeys, collapsed: first.rows.keyed - second.rows.keyed };
  return { rows, figures: second.figures };
}

/** Makes the plan table and counts what is said of it; `twice`: a key has two rows. */
async function freezeOnce(
  workspace: Workspace,
  input: Omit<DiffInput, "rows">,
  relation: string,
  { late, beside }: Counted,
): Promise<Frozen & { readonly twice: boolean }> {
  const { ferry, warehouse } = workspace;
  const { ledger, id, shape } = input;
  const whole = { ...input, rows: relation };
  const sent = sentTable(ledger, id);
  const keys = keyFigure(workspace, shape, relation);
  const unmatched = unmatchedFigure(workspace, sent, shape, relation);
  const changed: Figure | null =
    shape.policy.mode === "append"
      ? { query: `SELECT count(*) AS changed FROM ${changedEvents(whole)} e`, names: ["changed"] }
      : null;
  const extra = [late, changed].filter((figure) => figure !== null);
  if (ferry.apart) {
    const asked = [keys, heldFigure(sent), unmatched, ...extra, beside?.figure].filter((figure) => figure != null);
    const figures = await freezeApart(ferry, whole, asked);
    beside?.take(figures);
    const rows = withKeys(workspace, shape, relation, figures);
    const among = async (): Promise<number> => figures["unmatched"] ?? 0;
    return { rows, figures, twice: await hasDuplicates(ferry, id, shape, rows.keyed, figures, among) };
  }
  const rows = withKeys(workspace, shape, relation, await ask(warehouse, keys));
  await freezeDiff(ferry, whole);
  const held = await ask(warehouse, heldFigure(sent));
  const among = async (): Promise<number> =>
    unmatched === null ? 0 : ((await ask(warehouse, unmatched))["unmatched"] ?? 0);
  const twice = await hasDuplicates(ferry, id, shape, rows.keyed, held, among);
  const more = twice ? [] : await Promise.all(extra.map((figure) => ask(warehouse, figure)));
  return { rows, figures: Object.assign({}, held, ...more), twice };
}
