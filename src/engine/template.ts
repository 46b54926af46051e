/** Liquid in mappings (decision 42): the row and `as_of`, no file system, few tags, bounded time and memory. */
import { Liquid, type Template } from "liquidjs";
import type { Json } from "../core.ts";

const allowedTags = new Set(["if", "elsif", "else", "unless", "case", "when", "assign", "comment", "raw"]);

let engine: Liquid | undefined;

function liquid(): Liquid {
  if (engine !== undefined) return engine;
  engine = new Liquid({
    ownPropertyOnly: true,
    strictFilters: true,
    parseLimit: 65_536,
    renderLimit: 1_000,
    memoryLimit: 1_000_000,
    relativeReference: false,
    fs: {
      readFileSync: refuse,
      readFile: async () => refuse(),
      existsSync: () => false,
      exists: async () => false,
      contains: async () => false,
      containsSync: () => false,
      resolve: refuse,
      sep: "/",
      dirname: refuse,
    } as never,
  });
  for (const tag of Object.keys(engine.tags)) if (!allowedTags.has(tag)) delete engine.tags[tag];
  return engine;
}

function refuse(): never {
  throw new Error("templates read no files");
}

const parsed = new Map<string, Template[]>();

function parse(text: string): Template[] {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const template = liquid().parse(text);
  parsed.set(text, template);
  return template;
}

/** The columns a template reads, `as_of` aside; throws on a text that does not parse. */
export function templateColumns(text: string): readonly string[] {
  const names = liquid().globalVariablesSync(parse(text));
  return names.filter((name) => name !== "as_of").toSorted();
}

/** The template's text for one row; throws with the template engine's words when a filter or a limit fails. */
export function renderTemplate(text: string, row: Readonly<Record<string, Json>>, asOf: string): string {
  return liquid().renderSync(parse(text), { ...row, as_of: asOf }) as string;
}
