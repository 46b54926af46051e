/** From selected syncs to judged plans: tests and freshness upstream, plans, counts, guards. Shared by plan and sync. */
import type { TestResult } from "../core.ts";
import { runAudienceTests } from "../audience/tests.ts";
import { runDataTests } from "../models/data-tests.ts";
import { testFreshness } from "../models/freshness.ts";
import { buildGraph } from "../project/graph.ts";
import type { Limit, Resource, SyncSpec } from "../project/project.ts";
import type { Clock } from "../ports.ts";
import type { Judged } from "./document.ts";
import { gate } from "./gates.ts";
import { marked } from "./marked.ts";
import type { Plans } from "./plan-all.ts";
import { sampleOf, summarise } from "./summary.ts";
import type { Workspace } from "./workspace.ts";

export interface JudgeOptions {
  readonly clock: Clock;
  readonly sampleRows: number;
  readonly retry: boolean;
  readonly skipTests: boolean;
  readonly confirmed: boolean;
  readonly maxRemove?: Limit;
  readonly overrides: readonly { readonly guard: string; readonly sync?: string; readonly reason: string }[];
  readonly actor: string;
  /** Milliseconds: hold-backs are judged as of then. */
  readonly at: number;
}

export async function judge(
  workspace: Workspace,
  plans: Plans,
  options: JudgeOptions,
): Promise<ReadonlyMap<string, Judged>> {
  const judged = new Map<string, Judged>();
  const tests = await upstreamTests(
    workspace,
    plans.planned.map(({ sync }) => sync),
    options,
  );
  for (const each of plans.planned) {
    if (!("plan" in each)) continue;
    const { plan, sync } = each;
    const summary = await summarise(plan, options.at, options.retry);
    const guards = await gate(marked(workspace, { sync: sync.name }), plan, summary, {
      ...options,
      tests: tests(sync),
    });
    judged.set(sync.name, {
      plan,
      summary,
      guards,
      sample: await sampleOf(plan, options.sampleRows, workspace.person),
    });
  }
  return judged;
}

/** Results of every test above a sync: data tests of its models, tests of its audiences, freshness of its sources. */
async function upstreamTests(
  workspace: Workspace,
  syncs: readonly Resource<SyncSpec>[],
  { clock, skipTests }: JudgeOptions,
): Promise<(sync: Resource<SyncSpec>) => readonly TestResult[]> {
  const { project, session, compiler, audiences, person, warehouse } = workspace;
  const graph = buildGraph(project);
  const above = new Map(syncs.map((sync) => [sync.name, new Set(graph.upstream(`sync:${sync.name}`))]));
  const names = (kind: string): readonly string[] => {
    const ids = new Set([...above.values()].flatMap((upstream) => [...upstream]));
    return [...ids].filter((id) => id.startsWith(`${kind}:`)).map((id) => id.slice(kind.length + 1));
  };
  const results: TestResult[] = [...(await testFreshness(project, session))];
  if (!skipTests) {
    results.push(...(await runDataTests({ project, session, compiler }, names("model"))));
    for (const name of [...names("audience"), ...names("segment")]) {
      results.push(...(await runAudienceTests(audiences, name, { warehouse, now: () => clock.monotonic(), person })));
    }
  }
  return (sync) => results.filter((result) => concerns(result, above.get(sync.name) ?? new Set()));
}

function concerns({ kind, subject }: TestResult, upstream: ReadonlySet<string>): boolean {
  const kinds = kind === "freshness" ? ["source"] : kind === "audience" ? ["audience", "segment"] : ["model"];
  return kinds.some(
    (one) => upstream.has(`${one}:${subject}`) || [...upstream].some((id) => id.startsWith(`${one}:${subject}.`)),
  );
}
