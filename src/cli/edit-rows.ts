/** New expected rows in a unit test's YAML: rows keep their place, style and comments; the rest of the file every character. */
import { isMap, isScalar, isSeq, parseDocument, stringify, type YAMLMap, type YAMLSeq } from "yaml";
import type { Json } from "../core.ts";

type Row = Readonly<Record<string, Json>>;

export interface NewRows {
  readonly test: { readonly name: string; readonly model: string };
  readonly rows: readonly Row[];
  /** Columns that tell which old row a new one replaces; those that the rows lack do not count. */
  readonly key: readonly string[];
}

/** The text with the rows of the test; null where they are not a plain list. */
export function replaceRows(text: string, { test, rows, key }: NewRows): string | null {
  const document = parseDocument(text, { intAsBigInt: true });
  const tests = document.get("unit_tests");
  if (!isSeq(tests)) return null;
  const found = tests.items.find(
    (item) => isMap(item) && item.get("name") === test.name && item.get("model") === test.model,
  );
  const expected = isMap(found) ? found.getIn(["expect", "rows"]) : undefined;
  if (!isSeq(expected) || !expected.range || expected.items.some((item) => !isMap(item))) return null;
  const [start, end] = [expected.range[0], expected.range[1]];
  edit(expected as YAMLSeq<YAMLMap>, rows, key);
  const column = start - (text.lastIndexOf("\n", start - 1) + 1);
  const written = stringify(expected, { lineWidth: 0, intAsBigInt: true }).trimEnd();
  const behind = /\s*$/.exec(text.slice(start, end))?.[0] ?? "";
  return text.slice(0, start) + written.replaceAll("\n", `\n${" ".repeat(column)}`) + behind + text.slice(end);
}

/** Old rows with the same key take the new values, in their order; the others go, and new ones come last. */
function edit(list: YAMLSeq<YAMLMap>, rows: readonly Row[], key: readonly string[]): void {
  const columns = key.filter((column) => rows.every((row) => column in row));
  const left = [...rows];
  const flow = list.flow === true || list.items.some((item) => item.flow === true) || list.items.length === 0;
  const kept = list.items.flatMap((item) => {
    const at =
      columns.length === 0 ? 0 : left.findIndex((row) => columns.every((column) => same(item, column, row[column])));
    const row = at < 0 ? undefined : left.splice(at, 1)[0];
    if (row === undefined) return [];
    for (const [name, value] of Object.entries(row))
      if (!same(item, name, value) && asked(item, name, value)) item.set(name, value);
    return [item];
  });
  const fresh = left.map((row) => {
    const node = parseDocument(JSON.stringify(row)).contents as unknown as YAMLMap;
    node.flow = flow;
    return plain(node);
  });
  list.items = [...kept, ...fresh];
}

/** A column that the row left out and that is NULL is as expected already. */
function asked(item: YAMLMap, name: string, value: Json | undefined): boolean {
  return item.has(name) || value !== null;
}

function same(item: YAMLMap, name: string, value: Json | undefined): boolean {
  const old: unknown = item.get(name);
  return JSON.stringify(typeof old === "bigint" ? Number(old) : (old ?? null)) === JSON.stringify(value ?? null);
}

/** Quotes only where YAML needs them. */
function plain(node: YAMLMap): YAMLMap {
  for (const pair of node.items) for (const part of [pair.key, pair.value]) if (isScalar(part)) part.type = "PLAIN";
  return node;
}
