/** `millrace explain person`: rules with what was found, the stays in audiences, what each destination holds. */
import { explainPerson as explainMembership } from "../audience/explain.ts";
import { membersTable, staysQuery } from "../audience/members.ts";
import type { RunDocument } from "../core.ts";
import { sharedTable } from "../ledger/tables.ts";
import type { Project } from "../project/project.ts";
import { text, textOrNull } from "../warehouse/row.ts";
import type { EngineOptions, ExplainAudience, ExplainDocument } from "./api.ts";
import { iso } from "./document.ts";
import { findPerson, type FoundPerson } from "./find-person.ts";
import { holdingsOf } from "./holdings.ts";
import { maskValue } from "./persons.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

export interface ExplainOptions extends EngineOptions {
  /** The key's text; a JSON list where it has several parts. */
  readonly key?: string;
  readonly email?: string;
  readonly audience?: string;
  /** Looks at the rules as of then, milliseconds; what destinations hold is always as of now. */
  readonly at?: number;
}

/** The person of a key or e-mail; `person: null` when nobody has it, in the models or in the ledger. */
export async function explainPerson(options: ExplainOptions): Promise<ExplainDocument> {
  const project = options.at === undefined ? options.project : asOf(options.project, options.at);
  const workspace = await openWorkspace({ ...options, project, write: false });
  try {
    const head = {
      schema: "millrace/explain/v1",
      environment: project.environment.name,
      as_of: iso(workspace.asOf.ms),
    } as const;
    const found = await findPerson(workspace, options);
    if (found === null) return { ...head, person: null, model: null, identifiers: {}, audiences: [], destinations: [] };
    return {
      ...head,
      person: workspace.person(found.k),
      model: found.model,
      identifiers: Object.fromEntries(
        Object.entries(found.identifiers).map(([kind, value]) => [kind, maskValue(value)]),
      ),
      audiences: await audiencesOf(workspace, found, options),
      destinations: await holdingsOf(workspace, found, options.audience),
    };
  } finally {
    await workspace.close();
  }
}

const asOf = (project: Project, at: number): Project => ({ ...project, vars: { ...project.vars, as_of: iso(at) } });

async function audiencesOf(
  workspace: Workspace,
  { k, model }: FoundPerson,
  { audience, at }: ExplainOptions,
): Promise<readonly ExplainAudience[]> {
  const { project } = workspace;
  const names = [...project.audiences.values()]
    .filter(({ name, spec }) => spec.model === model && (audience === undefined || name === audience))
    .map(({ name }) => name);
  const audiences: ExplainAudience[] = [];
  for (const name of names.toSorted()) {
    const { member, rules, trace, excludedBy } = await explainMembership(
      workspace.audiences,
      workspace.warehouse,
      name,
      k,
    );
    const history = await staysOf(workspace, name, k, at ?? Infinity);
    // Steps without the key among their columns say nothing of one person.
    const steps = trace.flatMap(({ step, present }) => (present === null ? [] : [{ step, present }]));
    audiences.push({ audience: name, member, rules, trace: steps, excluded_by: excludedBy, history });
  }
  return audiences;
}

async function staysOf(
  workspace: Workspace,
  audience: string,
  k: string,
  until: number,
): Promise<ExplainAudience["history"]> {
  const { warehouse, session, tables } = workspace;
  if (!tables.includes(membersTable(audience))) return [];
  const stays = await warehouse.rows(staysQuery(warehouse.dialect, session.ledger(membersTable(audience)), k));
  const events = stays.flatMap((stay) => {
    const left = textOrNull(stay, "left_at");
    return [
      { at: Date.parse(text(stay, "entered_at")), event: "enter" as const, run_id: text(stay, "entered_run") },
      ...(left === null ? [] : [{ at: Date.parse(left), event: "leave" as const, run_id: text(stay, "left_run") }]),
    ];
  });
  const commits = await commitsOf(workspace, new Set(events.map((event) => event.run_id)));
  return events
    .filter(({ at }) => at <= until)
    .map(({ at, event, run_id }) => ({ at: iso(at), event, run_id, commit: commits.get(run_id) ?? null }));
}

/** Run id -> commit of the project it ran with. */
async function commitsOf(
  { warehouse, ledger, tables }: Workspace,
  runs: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  if (runs.size === 0 || !tables.includes("runs")) return new Map();
  const ids = [...runs].map((run) => warehouse.dialect.literal(run)).join(", ");
  const rows = await warehouse.rows(`SELECT document FROM ${sharedTable(ledger, "runs")} WHERE run_id IN (${ids})`);
  const documents = rows.map((row) => JSON.parse(text(row, "document")) as RunDocument);
  return new Map(documents.flatMap(({ run_id, git }) => (git === null ? [] : [[run_id, git.sha] as const])));
}
