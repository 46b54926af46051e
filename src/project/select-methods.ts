/** The methods of selectors: what `tag:`, `path:` and the others mean for one resource. */
import { failure, exitCodes } from "../errors.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { changedParts, manifestOf, type Manifest } from "./manifest.ts";
import type { Project } from "./project.ts";

/** What the CLI knows and the project does not. */
export interface SelectWorld {
  readonly project: Project;
  readonly graph: Graph;
  /** The manifest of `--state DIR`. */
  readonly state?: Manifest;
  /** Files changed against a git reference, relative to the project. */
  readonly changedFiles?: (ref: string) => readonly string[];
  /** Sync -> what its last run ended with: ok, failed, rejected, guarded. */
  readonly results?: ReadonlyMap<string, readonly string[]>;
  readonly isDue?: (sync: string) => boolean;
  /** Today, `2026-01-31`, for paused_until; default: that of as_of. */
  readonly today?: string;
}

/** Why a resource fits, or null. */
export type Matcher = (node: GraphNode) => string | null;

export interface Method {
  /** Makes the matcher of one value. */
  match(value: string, world: SelectWorld): Matcher;
  /** Values that would fit something, for "did you mean"; absent where an empty answer is no mistake. */
  values?(world: SelectWorld): readonly string[];
}

/** `*` stands for any characters; letters compare exactly. */
export function glob(pattern: string): (text: string) => boolean {
  if (!pattern.includes("*")) return (text) => text === pattern;
  const form = new RegExp(
    `^${pattern
      .split(/\*+/)
      .map((part) => part.replaceAll(/[$()+.?[\\\]^{|}/-]/g, String.raw`\$&`))
      .join(".*")}$`,
    "s",
  );
  return (text) => form.test(text);
}

interface Described {
  readonly tags?: readonly string[];
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly owner?: { readonly name?: string; readonly email?: string };
  readonly status?: string;
  readonly paused_until?: string;
  readonly destination?: string;
}

function specOf({ project }: SelectWorld, { kind, name }: GraphNode): Described {
  if (kind === "model") return project.models.get(name)?.spec ?? {};
  if (kind === "segment") return project.segments.get(name)?.spec ?? {};
  if (kind === "audience") return project.audiences.get(name)?.spec ?? {};
  return kind === "sync" ? (project.syncs.get(name)?.spec ?? {}) : {};
}

function filesOf({ project }: SelectWorld, node: GraphNode): readonly string[] {
  const spec = (project.audiences.get(node.name) ?? project.segments.get(node.name))?.spec;
  const more =
    node.kind === "model"
      ? project.models.get(node.name)?.file
      : node.kind === "audience" || node.kind === "segment"
        ? spec?.sqlFile
        : undefined;
  return more === undefined || more === node.file ? [node.file] : [node.file, more];
}

function ownersOf(world: SelectWorld, node: GraphNode): readonly string[] {
  const { owner, meta } = specOf(world, node);
  const other = meta?.["owner"];
  const found = [
    owner?.name,
    owner?.email,
    ...(typeof other === "string" ? [other] : typeof other === "object" && other !== null ? Object.values(other) : []),
  ];
  return found.filter((value): value is string => typeof value === "string").map((value) => value.toLowerCase());
}

function statusOf(world: SelectWorld, node: GraphNode): string | undefined {
  const { status, paused_until: until } = specOf(world, node);
  const today = world.today ?? String(world.project.vars["as_of"]).slice(0, 10);
  return status === "paused" && until !== undefined && until <= today ? "active" : status;
}

const simple = (
  name: string,
  valuesOf: (world: SelectWorld, node: GraphNode) => readonly string[],
  lower = false,
): Method => ({
  match: (value, world) => {
    const fits = glob(lower ? value.toLowerCase() : value);
    return (node) => (valuesOf(world, node).some(fits) ? `${name}:${value}` : null);
  },
  values: (world) => [...world.graph.nodes.values()].flatMap((node) => valuesOf(world, node)),
});

const usage = (code: string, message: string, hint: string) => failure(code, message, { hint, exit: exitCodes.usage });
const kinds = ["source", "seed", "model", "segment", "audience", "sync"] as const;

export const methods: Readonly<Record<string, Method>> = {
  tag: simple("tag", (world, node) => specOf(world, node).tags ?? []),
  owner: simple("owner", ownersOf, true),
  status: simple("status", (world, node) => [statusOf(world, node)].filter((value) => value !== undefined)),
  type: simple("type", (_world, node) => [node.kind]),
  destination: simple("destination", (world, node) =>
    [specOf(world, node).destination].filter((value) => value !== undefined),
  ),
  ...Object.fromEntries(
    kinds.map((kind) => [kind, simple(kind, (_world, node) => (node.kind === kind ? [node.name] : []))]),
  ),
  path: {
    match: (value, world) => {
      const wanted = value.replace(/^\.\//, "").replace(/\/+$/, "");
      const fits = [glob(wanted), glob(`${wanted}/*`)];
      return (node) => (filesOf(world, node).some((file) => fits.some((fit) => fit(file))) ? `path:${value}` : null);
    },
    values: (world) =>
      [...world.graph.nodes.values()]
        .flatMap((node) => filesOf(world, node))
        .flatMap((file) => [file, file.slice(0, file.lastIndexOf("/"))]),
  },
  git: {
    match: (value, world) => {
      if (!world.changedFiles) throw usage("E022", "git: needs a git repository", "run the command inside one");
      const changed = new Set(world.changedFiles(value));
      return (node) =>
        filesOf(world, node)
          .filter((file) => changed.has(file))
          .map((file) => `file changed since ${value}: ${file}`)[0] ?? null;
    },
  },
  state: { match: stateMatcher },
  result: {
    match: (value, world) => (node) =>
      node.kind === "sync" && world.results?.get(node.name)?.includes(value) ? `result:${value}` : null,
  },
  due: {
    match: (value, world) => {
      if (value !== "now") throw usage("E022", `due: takes now, not "${value}"`, "due:now");
      return (node) => (node.kind === "sync" && world.isDue?.(node.name) ? "due now" : null);
    },
  },
};

function stateMatcher(value: string, world: SelectWorld): Matcher {
  const { state } = world;
  if (!state)
    throw usage(
      "E022",
      "state: compares with an earlier manifest.json",
      "--state DIR, a folder with the target/manifest.json of then",
    );
  const [word, part] = value.split(".");
  if ((word !== "modified" && word !== "new") || (word === "new" && part !== undefined))
    throw usage(
      "E022",
      `"state:${value}" is not known`,
      "state:modified, state:modified.where, state:modified.mapping or state:new",
    );
  const now = new Map(manifestOf(world.project, world.graph).resources.map((entry) => [entry.id, entry]));
  return (node) => {
    const entry = now.get(node.id);
    const changed = entry ? changedParts(state, entry) : [];
    if (changed === null) return part === undefined ? "new" : null;
    const fits = word === "modified" ? changed.filter((name) => part === undefined || name === part) : [];
    return fits.length > 0 ? `${fits.join(", ")} changed, ${placeOf(world, node, fits[0] ?? "")}` : null;
  };
}

function placeOf({ project }: SelectWorld, node: GraphNode, part: string): string {
  const item =
    node.kind === "sync"
      ? project.syncs.get(node.name)
      : node.kind === "audience"
        ? project.audiences.get(node.name)
        : node.kind === "segment"
          ? project.segments.get(node.name)
          : undefined;
  if (!item) return node.file;
  const { file, line } = item.at(part === "where" ? ["where"] : part === "mapping" ? ["mappings"] : []);
  return `${file}:${line}`;
}
