/** What a command works on: names and selectors of the command line as resources of the project, with the reasons. */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { z } from "zod";
import { buildGraph } from "../project/graph.ts";
import type { Manifest } from "../project/manifest.ts";
import type { Project, SyncSpec } from "../project/project.ts";
import { type Selected, select, type SelectWorld } from "../project/selectors.ts";
import type { CommandContext } from "./command.ts";
import { engineOptions, loadEngine } from "./engine.ts";
import { changedFiles } from "./git.ts";
import type { lsSchema } from "./schemas/project.ts";
import type { OpenProject } from "./session.ts";
import { usage } from "./usage.ts";

export interface SelectedSyncs {
  readonly syncs: readonly string[];
  /** Audiences selected by themselves or sent by a selected sync. */
  readonly audiences: readonly string[];
  /** Name of a sync or audience -> why it was selected. */
  readonly why: ReadonlyMap<string, readonly string[]>;
}

/** Everything that the words and selectors mean, parents first; E020 when nothing fits. */
export async function selectResources(
  context: CommandContext,
  opened: OpenProject,
  words: readonly string[] = context.words,
): Promise<readonly Selected[]> {
  const { globals } = context;
  const graph = buildGraph(opened.project);
  const world = await selectWorld(context, opened, [...words, ...globals.select, ...globals.exclude]);
  return select(opened.project, graph, {
    ...world,
    select: [...words, ...globals.select],
    exclude: globals.exclude,
    allowEmpty: globals.allowEmpty,
    ...(globals.selector === undefined ? {} : { selector: globals.selector }),
  });
}

/** The syncs to plan, send or look at. A word may name a sync, an audience (its syncs), a model (syncs of its rows) or a destination. */
export async function selectSyncs(
  context: CommandContext,
  opened: OpenProject,
  options: { readonly purpose: "plan" | "sync" | "status"; readonly words?: readonly string[] },
): Promise<SelectedSyncs> {
  const { project } = opened;
  const words = (options.words ?? context.words).map((word) =>
    project.destinations.has(word) && !project.syncs.has(word) ? `destination:${word}` : word,
  );
  const given = words.length + context.globals.select.length > 0 || context.globals.selector !== undefined;
  const selected = await selectResources(context, opened, words);
  const reasons = new Map(selected.map((one) => [one.id, given ? [one.why] : []]));
  const wanted = [...project.syncs.values()].filter((sync) => {
    if (reasons.has(`sync:${sync.name}`)) return given || options.purpose === "status" || isActive(project, sync.spec);
    return given && sourceIds(sync.spec).some((id) => reasons.has(id));
  });
  const audiences = [...project.audiences.keys()].filter(
    (name) => (given && reasons.has(`audience:${name}`)) || wanted.some((sync) => sync.spec.audience === name),
  );
  if (wanted.length === 0 && audiences.length === 0 && given && !context.globals.allowEmpty) {
    throw usage(
      `no sync is selected by ${words.concat(context.globals.select).join(" ")}`,
      `millrace ls -s ${JSON.stringify(words.concat(context.globals.select).join(" "))} shows what is`,
      "E020",
    );
  }
  const why = new Map<string, readonly string[]>();
  for (const sync of wanted)
    why.set(
      sync.name,
      reasons.get(`sync:${sync.name}`) ??
        sourceIds(sync.spec)
          .filter((id) => reasons.has(id))
          .map((id) => `via ${id}`),
    );
  for (const name of audiences) why.set(name, reasons.get(`audience:${name}`) ?? []);
  return { syncs: wanted.map((sync) => sync.name).toSorted(), audiences: audiences.toSorted(), why };
}

function sourceIds(spec: SyncSpec): readonly string[] {
  return [
    ...(spec.audience === undefined ? [] : [`audience:${spec.audience}`]),
    ...(spec.model === undefined ? [] : [`model:${spec.model}`]),
  ];
}

/** Active itself and its audience too; paused_until ends at the start of that day. */
function isActive(project: Project, spec: SyncSpec): boolean {
  const today = String(project.vars["as_of"]).slice(0, 10);
  const active = (one: { readonly status: string; readonly paused_until?: string }): boolean =>
    one.status === "active" || (one.status === "paused" && one.paused_until !== undefined && one.paused_until <= today);
  const audience = spec.audience === undefined ? undefined : project.audiences.get(spec.audience)?.spec;
  return active(spec) && (audience === undefined || active(audience));
}

/** Names that can be queried: models, segments and audiences. */
export async function selectQueryable(context: CommandContext, opened: OpenProject): Promise<readonly string[]> {
  const selected = await selectResources(context, opened);
  return selected
    .filter((one) => one.kind === "model" || one.kind === "segment" || one.kind === "audience")
    .map((one) => one.name);
}

/** Audiences and segments; without words all audiences. */
export async function selectMemberships(context: CommandContext, opened: OpenProject): Promise<readonly string[]> {
  const given = context.words.length + context.globals.select.length > 0 || context.globals.selector !== undefined;
  const selected = await selectResources(context, opened);
  return selected
    .filter((one) => one.kind === "audience" || (given && one.kind === "segment"))
    .map((one) => one.name)
    .toSorted();
}

type ListDocument = z.output<typeof lsSchema>;

/** `ls`: sorted by type, then name. */
export async function listDocument(context: CommandContext, opened: OpenProject): Promise<ListDocument> {
  const { project } = opened;
  const words = context.words.map((word) =>
    /^(?:\+|\d+\+)?[a-z_]\w*(?:\+\d*)?$/.test(word) && project.destinations.has(word) ? `destination:${word}` : word,
  );
  const selected = await selectResources(context, opened, words);
  const resources = selected.map((one): ListDocument["resources"][number] => {
    const { line, tags, status } = described(project, one);
    return {
      id: one.id,
      type: one.kind,
      name: one.name,
      file: one.file,
      line,
      tags: [...tags].toSorted(),
      status,
      why: [one.why],
    };
  });
  return {
    schema: "millrace/ls/v1",
    environment: project.environment.name,
    resources: resources.toSorted((a, b) =>
      a.type === b.type ? (a.name < b.name ? -1 : 1) : a.type < b.type ? -1 : 1,
    ),
  };
}

function described(
  project: Project,
  { kind, name }: Selected,
): { readonly line: number; readonly tags: readonly string[]; readonly status: string | null } {
  const stateful =
    kind === "audience" ? project.audiences.get(name) : kind === "sync" ? project.syncs.get(name) : undefined;
  if (stateful !== undefined)
    return { line: stateful.at().line, tags: stateful.spec.tags, status: stateful.spec.status };
  const tagged =
    kind === "model" ? project.models.get(name) : kind === "segment" ? project.segments.get(name) : undefined;
  if (tagged !== undefined) return { line: tagged.at().line, tags: tagged.spec.tags, status: null };
  const other =
    kind === "destination"
      ? project.destinations.get(name)
      : kind === "source"
        ? project.sources.get(name.split(".")[0]!)
        : undefined;
  return { line: other?.at().line ?? 1, tags: [], status: null };
}

/** What only the world can tell selectors; asked for only where a selector wants to know. */
async function selectWorld(
  context: CommandContext,
  opened: OpenProject,
  expressions: readonly string[],
): Promise<Omit<SelectWorld, "project" | "graph">> {
  const named =
    context.globals.selector === undefined
      ? []
      : [opened.project.selectors.get(context.globals.selector)?.select ?? ""];
  const text = [...expressions, ...named, ...[...opened.project.selectors.values()].map((one) => one.select)].join(" ");
  const changed = await changesSince(
    opened,
    [...text.matchAll(/git:([^\s,+]+)/g)].map((match) => match[1]!),
  );
  const state = context.globals.state === undefined ? undefined : await readManifest(context, context.globals.state);
  const asked = expressions.concat(named).join(" ");
  const results = asked.includes("result:") ? await lastResults(context, opened) : undefined;
  const due = asked.includes("due:") ? await dueSyncs(context, opened) : undefined;
  return {
    ...(state === undefined ? {} : { state }),
    ...(opened.git === null ? {} : { changedFiles: (ref: string) => known(changed, ref) }),
    ...(results === undefined ? {} : { results }),
    ...(due === undefined ? {} : { isDue: (sync: string) => due.has(sync) }),
  };
}

async function changesSince(
  opened: OpenProject,
  references: readonly string[],
): Promise<ReadonlyMap<string, readonly string[] | null>> {
  const unique = [...new Set(references)];
  return new Map(
    await Promise.all(
      unique.map(async (reference) => [reference, await changedFiles(opened.project.root, reference)] as const),
    ),
  );
}

function known(changed: ReadonlyMap<string, readonly string[] | null>, reference: string): readonly string[] {
  const files = changed.get(reference);
  if (files === null || files === undefined)
    throw usage(
      `git: knows no revision ${JSON.stringify(reference)}`,
      "fetch it first; in GitHub Actions: fetch-depth: 0",
      "E022",
    );
  return files;
}

async function readManifest(context: CommandContext, folder: string): Promise<Manifest> {
  const text = await readFile(resolve(context.folder, join(folder, "manifest.json")), "utf8").catch(() => null);
  if (text === null)
    throw usage(
      `--state: there is no manifest.json in ${JSON.stringify(folder)}`,
      "keep target/ of the run to compare with",
      "E004",
    );
  const { manifestSchema } = await import("./schemas/manifest.ts");
  const { success, data } = manifestSchema.safeParse(safely(text));
  if (!success)
    throw usage(
      `--state: ${JSON.stringify(folder)} has no manifest of millrace`,
      "keep target/ of the run to compare with",
      "E004",
    );
  return data;
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Sync -> words of its last run: its status, and `rejected` or `guarded` where rows or guards stopped it. */
async function lastResults(
  context: CommandContext,
  opened: OpenProject,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const runs = await (await loadEngine()).readRuns({ ...(await engineOptions(context, opened)), limit: 100 });
  const results = new Map<string, readonly string[]>();
  for (const sync of runs.flatMap((run) => run.syncs)) {
    if (results.has(sync.sync)) continue;
    results.set(sync.sync, [
      sync.status,
      ...(sync.outcomes.rejected > 0 ? ["rejected"] : []),
      ...(sync.status === "stopped" ? ["guarded"] : []),
    ]);
  }
  return results;
}

async function dueSyncs(context: CommandContext, opened: OpenProject): Promise<ReadonlySet<string>> {
  const status = await (await loadEngine()).readStatus(await engineOptions(context, opened));
  return new Set(
    status.syncs
      .filter((sync) => sync.next_at !== null && Date.parse(sync.next_at) <= context.now())
      .map((sync) => sync.sync),
  );
}
