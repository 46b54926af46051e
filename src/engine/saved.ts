/** Saved plans (decision 20): the frozen rows kept in the ledger, sent later exactly as they were reviewed, once. */
import type { PlanDocument } from "../core.ts";
import { exitCodes, failure, type MillraceError } from "../errors.ts";
import { sharedTable } from "../ledger/tables.ts";
import { integerOrNull, text, textOrNull } from "../warehouse/row.ts";
import { doubtsTable, nettedTable, planTable, preparedTable, refusedTable, reprintTable } from "./diff.ts";
import type { Judged } from "./document.ts";
import { configHash, planId, type Planned, type Plans } from "./plan-all.ts";
import type { SyncPlan } from "./plan-sync.ts";
import type { Workspace } from "./workspace.ts";

const parts = {
  plan: planTable,
  prepared: preparedTable,
  netted: nettedTable,
  doubts: doubtsTable,
  refused: refusedTable,
  reprint: reprintTable,
} as const;
type Part = keyof typeof parts;

const savedName = new RegExp(`^(${Object.keys(parts).join("|")})__.+__([0-9a-f]{16})$`);

/** Is the ledger's table of that name rows of a saved plan? */
export const isSavedPart = (table: string): boolean => savedName.test(table);

/** The plan whose rows a table holds; empty for other tables. */
export const savedPlanOf = (table: string): string => savedName.exec(table)?.[2] ?? "";

function savedTable(workspace: Workspace, part: Part, id: string, plan: string): string {
  return workspace.session.ledger(`${part}__${id}__${plan}`);
}

const partsOf = (plan: SyncPlan): readonly Part[] =>
  (Object.keys(parts) as Part[]).filter((part) => part !== "reprint" || plan.reprinted > 0);

/** Copies the rows into the ledger and lists the plan; saving the same plan again changes nothing. */
export async function savePlan(
  workspace: Workspace,
  plans: Plans,
  judged: ReadonlyMap<string, Judged>,
  document: PlanDocument,
  now: number,
): Promise<void> {
  if (!workspace.session.durable) {
    throw failure("E602", "a plan cannot be saved in an environment that lives in memory: its rows would be gone", {
      hint: "give the environment's warehouse a path",
      exit: exitCodes.usage,
    });
  }
  const { warehouse, ferry } = workspace;
  for (const { plan } of judged.values()) {
    const { id, target } = plan.source;
    const kept = partsOf(plan);
    await ferry.lend(
      kept.map((part) => `SELECT * FROM ${parts[part](target, id)}`),
      async (relations) => {
        for (const [at, part] of kept.entries()) {
          const table = savedTable(workspace, part, id, document.id);
          await warehouse.execute(`CREATE OR REPLACE TABLE ${table} AS SELECT * FROM ${relations[at]}`);
        }
      },
    );
  }
  const listed = sharedTable(workspace.ledger, "plans");
  const expires = document.expires_at === null ? null : Date.parse(document.expires_at);
  const { literal } = warehouse.dialect;
  const values = [
    document.id,
    now,
    expires,
    configHash(workspace.project, plans.planned),
    JSON.stringify(document),
    null,
  ]
    .map((value) => literal(value))
    .join(", ");
  await warehouse.script([
    `DELETE FROM ${listed} WHERE plan = ${literal(document.id)}`,
    `INSERT INTO ${listed} VALUES (${values})`,
  ]);
}

export interface SavedPlan {
  readonly id: string;
  readonly document: PlanDocument;
  readonly configHash: string;
}

/** The saved plan of an id or a unique beginning of one. E603 none, E604 several, E605 used, E606 expired: all exit 6. */
export async function findSaved(workspace: Workspace, asked: string, now: number): Promise<SavedPlan> {
  const { literal } = workspace.warehouse.dialect;
  const rows = await workspace.warehouse.rows(
    `SELECT plan, expires_at, config_hash, document, used_by FROM ${sharedTable(workspace.ledger, "plans")} WHERE substr(plan, 1, ${[...asked].length}) = ${literal(asked)} ORDER BY plan`,
  );
  const [row] = rows;
  if (row === undefined)
    throw stale("E603", `there is no saved plan ${asked} in environment ${workspace.project.environment.name}`);
  if (rows.length > 1) throw stale("E604", `${rows.length} saved plans begin with ${asked}`, "write more of the id");
  const [id, usedBy, expiresAt] = [text(row, "plan"), textOrNull(row, "used_by"), integerOrNull(row, "expires_at")];
  const short = id.slice(0, 6);
  if (usedBy !== null) throw stale("E605", `plan ${short} was already sent by run ${usedBy}`);
  if (expiresAt !== null && expiresAt < now)
    throw stale("E606", `plan ${short} expired at ${new Date(expiresAt).toISOString()}`);
  return {
    id,
    document: JSON.parse(text(row, "document")) as PlanDocument,
    configHash: text(row, "config_hash"),
  };
}

/**
 * Puts the saved rows in the place of freshly planned ones. E601 (exit 6) when a sync's ledger or the configuration moved
 * since, E607 when rows are gone or not those that were reviewed.
 */
export async function restoreSaved(workspace: Workspace, saved: SavedPlan, planned: readonly Planned[]): Promise<void> {
  const short = saved.id.slice(0, 6);
  for (const each of planned) {
    if (!("plan" in each))
      throw stale(
        "E601",
        `plan ${short} is stale: ${each.problems[0]?.message ?? "a sync of it can no longer be planned"}`,
      );
    const { plan, sync } = each;
    const base = saved.document.bases[sync.name];
    if (base === undefined || base !== plan.state.serial)
      throw stale("E601", `plan ${short} is stale: sync "${sync.name}" ran after the plan was made`);
  }
  if (configHash(workspace.project, planned) !== saved.configHash)
    throw stale("E601", `plan ${short} is stale: the configuration of its syncs changed since`);
  for (const each of planned) {
    if (!("plan" in each)) continue;
    const { id, target } = each.plan.source;
    for (const part of partsOf(each.plan)) {
      const from = savedTable(workspace, part, id, saved.id);
      if (!workspace.tables.includes(`${part}__${id}__${saved.id}`))
        throw stale("E607", `the rows of plan ${short} are gone from the ledger`);
      await workspace.ferry.bring(parts[part](target, id), `SELECT * FROM ${from}`);
    }
  }
  if ((await planId(workspace, planned)) !== saved.id)
    throw stale("E607", `the rows of plan ${short} are not those that were reviewed`);
}

/** Marks a plan used and drops its rows, once they stand in the run's own file. */
export async function consumeSaved(
  workspace: Workspace,
  saved: SavedPlan,
  planned: readonly Planned[],
  runId: string,
): Promise<void> {
  const { warehouse } = workspace;
  const { literal } = warehouse.dialect;
  await warehouse.execute(
    `UPDATE ${sharedTable(workspace.ledger, "plans")} SET used_by = ${literal(runId)} WHERE plan = ${literal(saved.id)}`,
  );
  for (const each of planned) {
    if (!("plan" in each)) continue;
    for (const part of Object.keys(parts) as Part[]) {
      await warehouse.execute(`DROP TABLE IF EXISTS ${savedTable(workspace, part, each.plan.source.id, saved.id)}`);
    }
  }
}

function stale(code: string, message: string, hint = "plan again: millrace plan -o plan.json"): MillraceError {
  return failure(code, message, { exit: exitCodes.stalePlan, hint });
}
