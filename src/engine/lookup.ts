/** Lookups of mappings, resolved once before a plan is sent: destination field -> value -> remote id. */
import type { Context } from "../destination/index.ts";
import { failure } from "../errors.ts";
import type { Line } from "./converse.ts";
import { objectOf } from "./account.ts";
import { opCodes, planTable } from "./diff.ts";
import type { RenderContext } from "./render.ts";
import type { PlanSource } from "./rows.ts";
import type { Shape } from "./shape.ts";

/** Values asked for in one conversation. */
const perCall = 100;

export async function resolveLookups(
  source: PlanSource,
  shape: Shape,
  context: Context<any>,
  line: Line,
  signal: AbortSignal,
): Promise<RenderContext["lookups"]> {
  const lookups = new Map<string, ReadonlyMap<string, string>>();
  for (const { to, mapping } of shape.fields) {
    if (!("lookup" in mapping)) continue;
    const [by, column] = Object.entries(mapping.lookup.by)[0] ?? [];
    const object = objectOf(shape.destination, mapping.lookup.object);
    if (by === undefined || column === undefined || object?.lookup === undefined) {
      throw failure("E817", `object "${mapping.lookup.object}" cannot be looked up`, {
        at: shape.sync.at(["mappings"]),
      });
    }
    const found = new Map<string, string>();
    for await (const values of valuesOf(source, to, column)) {
      const ended = await line.converse(object.lookup(by, values, context), { once: false, signal });
      // Rows whose lookup got no answer are refused with lookup_missed and tried again by the next run.
      if (ended.status === "answered" && ended.value instanceof Map)
        for (const [value, id] of ended.value) found.set(String(value), String(id));
    }
    lookups.set(to, found);
  }
  return lookups;
}

async function* valuesOf(
  { warehouse, target, id }: PlanSource,
  to: string,
  column: string,
): AsyncGenerator<readonly string[]> {
  const { literal } = warehouse.dialect;
  const value = `json_extract_string(fields, ${literal(`$."${to}"."${column}"`)})`;
  const query = `SELECT DISTINCT ${value} FROM ${planTable(target, id)} WHERE op <> ${opCodes.remove} AND ${value} IS NOT NULL`;
  let chunk: string[] = [];
  for await (const { rows, columns } of warehouse.read(query)) {
    for (let row = 0; row < rows; row += 1) {
      chunk.push(String(columns[0]?.[row]));
      if (chunk.length === perCall) {
        yield chunk;
        chunk = [];
      }
    }
  }
  if (chunk.length > 0) yield chunk;
}
