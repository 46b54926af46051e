import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type ParsedNode,
} from "yaml";
import type { Diagnostic, Location } from "../core.ts";

/** Limits against files made to exhaust memory or time (S05). */
const limits = { depth: 64, nodes: 200_000, aliases: 50 } as const;

export type Path = readonly (string | number)[];

/** A YAML file as plain values, with the place of every key and value. */
export interface YamlFile {
  /** Relative to the project's root. */
  readonly file: string;
  /** Plain objects, arrays, strings, numbers, booleans, null; integers beyond 2^53 stay BigInt. Undefined when it did not parse. */
  readonly value: unknown;
  readonly problems: readonly Diagnostic[];
  /** The place of a value or its key; of the nearest enclosing thing when the path does not exist. */
  at(path: Path, part?: "key" | "value"): Location;
}

/** Parses one document of YAML 1.2 (core schema: `no` and `1:20` are text); never throws. */
export function parseYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const place = (offset: number, length = 1): Location => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, length) };
  };
  const broken = (problems: readonly Diagnostic[]): YamlFile => ({
    file,
    value: undefined,
    problems,
    at: () => problems[0]?.at ?? place(0),
  });
  if (tooDeep(text))
    return broken([
      { code: "E108", severity: "error", message: `nested deeper than ${limits.depth} levels`, at: place(0) },
    ]);
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      intAsBigInt: true,
      schema: "core",
      uniqueKeys: true,
      merge: false,
      prettyErrors: false,
      logLevel: "error",
      resolveKnownTags: false,
      stringKeys: false,
    });
  } catch (error) {
    const message =
      error instanceof RangeError ? `nested deeper than ${limits.depth} levels` : "this file cannot be read as YAML";
    return broken([{ code: error instanceof RangeError ? "E108" : "E101", severity: "error", message, at: place(0) }]);
  }
  const problems: Diagnostic[] = [...document.errors, ...document.warnings]
    .slice(0, 20)
    .map(({ code, message, pos: [start, end] }) => {
      const at = place(start, lineLength(text, start, end));
      return Object.assign(describe(code, message, text.slice(start, end)), { severity: "error", at } as const);
    });
  if (problems.length > 0) return broken(problems);
  const root = document.contents as ParsedNode | null;
  const converted = convert(document, root, (code, message, node) => {
    const [start, end] = node?.range ?? [0, 1];
    problems.push({ code, severity: "error", message, at: place(start, lineLength(text, start, end)) });
  });
  if (problems.length > 0) return broken(problems);
  const at = (path: Path, part: "key" | "value" = "value"): Location => {
    const [start, end] = rangeOf(document, root, path, part);
    return place(start, lineLength(text, start, end));
  };
  return { file, value: converted ?? {}, problems: [], at };
}

/** Brackets opened and never closed again beyond any honest file: found without a parser's stack. */
function tooDeep(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 91 || code === 123) depth++;
    else if (code === 93 || code === 125) depth = Math.max(0, depth - 1);
    if (depth > 4 * limits.depth) return true;
  }
  return /^(?:[-?:] ){65}/m.test(text);
}

/** Characters to underline: to the end of the value, but not beyond its first line. */
function lineLength(text: string, start: number, end: number): number {
  const newline = text.indexOf("\n", start);
  const stop = newline >= 0 && newline < end ? newline : end;
  return text.slice(start, stop).trimEnd().length;
}

/** The parser's words, made ours where they leave the reader alone. */
function describe(code: string, message: string, found: string): { code: string; message: string; hint?: string } {
  switch (code) {
    case "DUPLICATE_KEY":
      return {
        code: "E106",
        message: `the key ${JSON.stringify(found.split(":")[0]?.trim() ?? "")} stands here twice`,
        hint: "keep one of the two",
      };
    case "TAB_AS_INDENT":
      return { code: "E101", message: "a tab is used for indentation", hint: "YAML indents with spaces" };
    case "TAG_RESOLVE_FAILED":
      return { code: "E109", message: "tags (!…) are not read", hint: "write a plain value" };
    case "MULTIPLE_DOCS":
      return {
        code: "E101",
        message: "several documents in one file",
        hint: "one document a file: remove the line ---",
      };
    default:
      return { code: "E101", message: message.split("\n")[0] ?? message };
  }
}

type Report = (code: string, message: string, node: Node | null) => void;

/** Nodes to plain values, counting what aliases unfold to. */
function convert(document: Document.Parsed, root: ParsedNode | null, report: Report): unknown {
  let nodes = 0;
  let aliases = 0;
  let stopped = false;
  const stop = (message: string, node: Node | null): undefined => {
    if (!stopped) report("E108", message, node);
    stopped = true;
    return undefined;
  };
  const visit = (node: Node | null, depth: number): unknown => {
    if (stopped || node === null) return null;
    if (++nodes > limits.nodes)
      return stop(`more than ${limits.nodes} values, aliases counted as often as they are used`, node);
    if (depth > limits.depth) return stop(`nested deeper than ${limits.depth} levels`, node);
    if (isAlias(node)) {
      if (++aliases > limits.aliases) return stop(`more than ${limits.aliases} uses of aliases (*name)`, node);
      return visit(node.resolve(document) ?? null, depth + 1);
    }
    if (node.tag !== undefined && node.tag.startsWith("!")) report("E109", "tags (!…) are not read", node);
    if (isSeq(node)) return node.items.map((item) => visit(item as Node, depth + 1));
    if (isMap(node)) return visitMap(node.items as Pair<Node, Node | null>[], depth);
    return isScalar(node) ? plain(node.value, node, report) : null;
  };
  const visitMap = (pairs: readonly Pair<Node, Node | null>[], depth: number): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    for (const pair of pairs) {
      const key = isScalar(pair.key) ? String(pair.key.value) : null;
      if (key === null) report("E109", "a key must be a plain word", pair.key);
      else if (key === "__proto__" || key === "<<")
        report("E109", key === "<<" ? "merge keys (<<) are not read" : `the key "${key}" is not allowed`, pair.key);
      else result[key] = visit(pair.value, depth + 1);
    }
    return result;
  };
  return visit(root, 0);
}

function plain(value: unknown, node: Node, report: Report): unknown {
  if (typeof value === "bigint")
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  if (typeof value === "number" && !Number.isFinite(value)) {
    report("E105", "a number must be finite", node);
    return null;
  }
  return value;
}

function rangeOf(
  document: Document.Parsed,
  root: ParsedNode | null,
  path: Path,
  part: "key" | "value",
): readonly [number, number] {
  let node: Node | null = root;
  let range: readonly [number, number] = [root?.range?.[0] ?? 0, (root?.range?.[0] ?? 0) + 1];
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    const pair = isMap(node)
      ? (node.items as Pair<Node, Node | null>[]).find(({ key }) => isScalar(key) && String(key.value) === String(step))
      : undefined;
    const next = pair ? pair.value : isSeq(node) ? (node.items[Number(step)] as Node | undefined) : undefined;
    if (pair === undefined && next === undefined) break;
    const last = index === path.length - 1;
    const shown =
      pair && (next === null || next === undefined || next.range?.[0] === next.range?.[1] || (last && part === "key"))
        ? pair.key
        : next;
    if (shown?.range) range = [shown.range[0], shown.range[1]];
    node = next ?? null;
  }
  return range;
}
