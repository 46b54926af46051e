/** Selectors in dbt's grammar: names, methods, graph operators; space is union, comma is intersection. */
import { exitCodes, failure, type MillraceError } from "../errors.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { Project } from "./project.ts";
import { glob, methods, type Matcher, type SelectWorld } from "./select-methods.ts";
import { didYouMean, nearest, quoteText } from "./suggest.ts";

export type { SelectWorld } from "./select-methods.ts";

export interface Selection extends Omit<SelectWorld, "project" | "graph"> {
  /** Each is an expression; several are joined. None of select and selector: everything. */
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
  /** A name of selectors.yml. */
  readonly selector?: string;
  /** An empty answer is no error. */
  readonly allowEmpty?: boolean;
}

/** A resource that was selected, and why: `tag:paid`, or `via audience:vip (where changed, models/vip.yml:9)`. */
export interface Selected {
  readonly id: string;
  readonly kind: GraphNode["kind"];
  readonly name: string;
  readonly file: string;
  readonly why: string;
}

type Found = ReadonlyMap<string, string>;

/** The resources an expression means, parents first. Throws E020 (nothing fits), E022 (grammar), E023 (no such selector), exit 64. */
export function select(project: Project, graph: Graph, selection: Selection): readonly Selected[] {
  const { select: given = [], exclude = [], selector, allowEmpty = false, ...more } = selection;
  const world: SelectWorld = { ...more, project, graph };
  const named = selector === undefined ? null : lookUp(project, selector);
  const wanted = [...given, ...(named ? [named.select] : [])].filter((text) => text.trim() !== "");
  const found =
    wanted.length === 0
      ? new Map([...graph.nodes.keys()].map((id) => [id, "everything"]))
      : union(wanted, world, allowEmpty, 0);
  const without = union([...exclude, ...(named?.exclude === undefined ? [] : [named.exclude])], world, true, 0);
  const ids = graph.order.filter((id) => found.has(id) && !without.has(id));
  if (ids.length === 0 && !allowEmpty) {
    throw failure(
      "E020",
      wanted.length === 0
        ? "this project has nothing to select"
        : `no resource matches ${quoteText(wanted.join(" "))}${without.size > 0 ? " after --exclude" : ""}`,
      {
        exit: exitCodes.usage,
        hint: "to accept an empty selection: --allow-empty",
      },
    );
  }
  return ids.flatMap((id) => {
    const node = graph.nodes.get(id);
    return node ? [{ id, kind: node.kind, name: node.name, file: node.file, why: found.get(id) ?? "" }] : [];
  });
}

function lookUp(project: Project, name: string): { readonly select: string; readonly exclude?: string } {
  const found = project.selectors.get(name);
  if (found) return found;
  const hint = didYouMean(name, project.selectors.keys(), "selectors.yml has");
  throw failure("E023", `selectors.yml has no selector ${quoteText(name)}`, {
    exit: exitCodes.usage,
    ...(hint !== undefined && { hint }),
  });
}

function union(expressions: readonly string[], world: SelectWorld, allowEmpty: boolean, depth: number): Found {
  const found = new Map<string, string>();
  for (const term of expressions.flatMap((text) => text.split(/\s+/)).filter((text) => text !== "")) {
    for (const [id, why] of intersection(term, world, allowEmpty, depth)) if (!found.has(id)) found.set(id, why);
  }
  return found;
}

function intersection(term: string, world: SelectWorld, allowEmpty: boolean, depth: number): Found {
  const [first, ...rest] = term.split(",").map((atom) => select1(atom, world, allowEmpty, depth));
  const found = new Map(first);
  for (const [id, why] of first ?? []) {
    const reasons = rest.map((other) => other.get(id));
    if (reasons.includes(undefined)) found.delete(id);
    else if (reasons.length > 0) found.set(id, [why, ...reasons].join(", "));
  }
  return found;
}

const steps = (digits: string | undefined): number =>
  digits === undefined || digits === "" ? Infinity : Number(digits);

/** One atom: `2+tag:paid+1`. */
function select1(atom: string, world: SelectWorld, allowEmpty: boolean, depth: number): Found {
  const match = /^(?:(\d*)(\+))?([^+]+?)(?:(\+)(\d*))?$/.exec(atom);
  const body = match?.[3];
  if (!match || body === undefined)
    throw failure("E022", `${quoteText(atom)} is no selector`, {
      exit: exitCodes.usage,
      hint: "name, +name, name+1, tag:x, path:models/x",
    });
  const direct = matches(body, world, allowEmpty, depth);
  const found = new Map(direct);
  const add = (ids: ReadonlySet<string>, from: string, why: string): void => {
    for (const id of ids) if (!found.has(id)) found.set(id, `via ${from} (${why})`);
  };
  for (const [id, why] of direct) {
    if (match[2]) add(world.graph.upstream(id, steps(match[1])), id, why);
    if (match[4]) add(world.graph.downstream(id, steps(match[5])), id, why);
  }
  return found;
}

function matches(body: string, world: SelectWorld, allowEmpty: boolean, depth: number): Found {
  const colon = body.indexOf(":");
  const word = body.slice(0, colon);
  const value = body.slice(colon + 1);
  if (colon > 0 && word === "selector") {
    if (depth > 20) throw failure("E022", "selectors.yml refers to itself", { exit: exitCodes.usage });
    const named = lookUp(world.project, value);
    const without = union(named.exclude === undefined ? [] : [named.exclude], world, true, depth + 1);
    return new Map([...union([named.select], world, allowEmpty, depth + 1)].filter(([id]) => !without.has(id)));
  }
  if (colon > 0 && !Object.hasOwn(methods, word)) {
    const hint = didYouMean(word, [...Object.keys(methods), "selector"], "methods");
    throw failure("E022", `unknown method ${quoteText(`${word}:`)} in ${quoteText(body)}`, {
      exit: exitCodes.usage,
      ...(hint !== undefined && { hint }),
    });
  }
  const method = colon > 0 ? methods[word] : undefined;
  const matcher: Matcher = method ? method.match(value, world) : byName(body);
  const found = new Map<string, string>();
  for (const node of world.graph.nodes.values()) {
    const why = matcher(node);
    if (why !== null) found.set(node.id, why);
  }
  if (found.size === 0 && !allowEmpty && (method === undefined || method.values))
    throw nothing(body, word, value, world);
  return found;
}

const byName = (name: string): Matcher => {
  const fits = glob(name);
  return (node) => (fits(node.name) ? name : null);
};

/** E020 with the nearest value of the same kind and how much it would select. */
function nothing(body: string, word: string, value: string, world: SelectWorld): MillraceError {
  const method = Object.hasOwn(methods, word) ? methods[word] : undefined;
  const near = method?.values
    ? nearest(value, method.values(world), 2).map((name) => `${word}:${name}`)
    : nearest(
        body,
        [...world.graph.nodes.values()].map(({ name }) => name),
        2,
      );
  const counted = near.map((text) => {
    const count = matches(text, world, true, 0).size;
    return `"${text}" (${count} resource${count === 1 ? "" : "s"})`;
  });
  const hint = `${counted.length > 0 ? `did you mean ${counted.join(" or ")}?\n` : ""}to accept an empty selection: --allow-empty`;
  return failure("E020", `no resource matches ${quoteText(body)}`, { exit: exitCodes.usage, hint });
}
