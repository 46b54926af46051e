/** What each destination holds of one person, by the ledger: state, identifiers as sent, refusals, history. */
import type { SentIdentifier } from "../core.ts";
import { wordsOf } from "../ledger/words.ts";
import type { SyncState } from "../ledger/state.ts";
import { rejectionsTable, sentTable, sharedTable } from "../ledger/tables.ts";
import { integer, text, textOrNull } from "../warehouse/row.ts";
import type { ExplainHolding } from "./api.ts";
import { iso } from "./document.ts";
import type { FoundPerson } from "./find-person.ts";
import { impersonal } from "./impersonal.ts";
import { maskValue } from "./persons.ts";
import { modelOf } from "./shape.ts";
import type { Workspace } from "./workspace.ts";

interface Place {
  readonly sync: string;
  readonly destination: string;
  readonly object: string;
}

/** One line per sync of the person's model (with `audience`: of that audience), and per ledger without a sync that holds them. */
export async function holdingsOf(
  workspace: Workspace,
  { k, model }: FoundPerson,
  audience: string | undefined,
): Promise<readonly ExplainHolding[]> {
  const { project, states } = workspace;
  const syncs = [...project.syncs.values()].filter(
    (sync) => modelOf(project, sync).name === model && (audience === undefined || sync.spec.audience === audience),
  );
  const holdings: ExplainHolding[] = [];
  for (const { name, spec } of syncs) {
    const place = { sync: name, destination: spec.destination, object: spec.object };
    const state = states.get(name);
    holdings.push(state === undefined ? nothing(place) : await holdingOf(workspace, place, state, k));
  }
  for (const state of states.values()) {
    if (project.syncs.has(state.sync) || audience !== undefined) continue;
    const { type, object } = JSON.parse(state.target) as { readonly type: string; readonly object: string };
    const held = await holdingOf(workspace, { sync: state.sync, destination: type, object }, state, k);
    if (held.state !== "none") holdings.push(held);
  }
  return holdings.toSorted((a, b) => (a.sync < b.sync ? -1 : 1));
}

const nothing = (place: Place): ExplainHolding => ({
  ...place,
  state: "none",
  remote_id: null,
  identifiers: {},
  sent_at: null,
  run_id: null,
  rejection: null,
  history: [],
});

async function holdingOf(workspace: Workspace, place: Place, state: SyncState, k: string): Promise<ExplainHolding> {
  const { warehouse, ledger } = workspace;
  const key = warehouse.dialect.literal(k);
  const [row] = await warehouse.rows(
    `SELECT state, remote_id, ${wordsOf(ledger.dialect).idsText("ids")} AS ids, sent_at, run_id FROM ${sentTable(ledger, state.id)} WHERE k = ${key}`,
  );
  const more = {
    rejection: await rejectionOf(workspace, state.id, k),
    history: await historyOf(workspace, state.sync, k),
  };
  if (row === undefined) return { ...nothing(place), ...more };
  return {
    ...place,
    state: text(row, "state") as ExplainHolding["state"],
    remote_id: textOrNull(row, "remote_id"),
    identifiers: masked(JSON.parse(textOrNull(row, "ids") ?? "[]") as readonly SentIdentifier[]),
    sent_at: iso(integer(row, "sent_at")),
    run_id: text(row, "run_id"),
    ...more,
  };
}

/** Kind -> value; several of one kind (an old one still to be removed) stand in one text. */
function masked(ids: readonly SentIdentifier[]): Readonly<Record<string, string>> {
  const byKind = new Map<string, string[]>();
  for (const { kind, value } of ids) byKind.set(kind, [...(byKind.get(kind) ?? []), maskValue(value)]);
  return Object.fromEntries([...byKind].map(([kind, values]) => [kind, values.join(", ")]));
}

async function rejectionOf(
  { warehouse, ledger }: Workspace,
  id: string,
  k: string,
): Promise<ExplainHolding["rejection"]> {
  const [row] = await warehouse.rows(
    `SELECT code, message, attempts, ${warehouse.dialect.quote("value")} FROM ${rejectionsTable(ledger, id)} WHERE k = ${warehouse.dialect.literal(k)} ORDER BY last_at DESC, attempts DESC LIMIT 1`,
  );
  if (row === undefined) return null;
  const message = impersonal(text(row, "message"), [k, text(row, "value")]);
  return { code: text(row, "code"), message, attempts: integer(row, "attempts") };
}

async function historyOf(
  { warehouse, ledger, tables }: Workspace,
  sync: string,
  k: string,
): Promise<ExplainHolding["history"]> {
  if (!tables.includes("changes")) return [];
  const { literal, quote } = warehouse.dialect;
  const at = quote("at");
  const rows = await warehouse.rows(
    `SELECT ${at}, op, status, run_id FROM ${sharedTable(ledger, "changes")} WHERE sync = ${literal(sync)} AND k = ${literal(k)} ORDER BY ${at}, seq`,
  );
  return rows.map((row) => ({
    at: iso(integer(row, "at")),
    op: text(row, "op"),
    outcome: text(row, "status"),
    run_id: text(row, "run_id"),
  }));
}
