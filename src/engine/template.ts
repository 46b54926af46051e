/** Liquid in mappings (decision 42): the row and `as_of`, no file system, few tags, bounded time and memory. */
import { Liquid, type Template } from "liquidjs";
import type { Json } from "../core.ts";

const allowedTags = new Set(["if", "elsif", "else", "unless", "case", "when", "assign", "comment", "raw"]);

/** `url`: every output is escaped; the filter that would undo it is not there. */
type Form = "text" | "url";

const engines = new Map<Form, Liquid>();

function liquid(form: Form = "text"): Liquid {
  const known = engines.get(form);
  if (known !== undefined) return known;
  const engine = new Liquid({
    ...(form === "url" && {
      outputEscape: (value: unknown) => encodeURIComponent(value === null ? "" : String(value)),
    }),
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
  if (form === "url") delete engine.filters["raw"];
  engines.set(form, engine);
  return engine;
}

function refuse(): never {
  throw new Error("templates read no files");
}

const parsed: Readonly<Record<Form, Map<string, Template[]>>> = { text: new Map(), url: new Map() };

function parse(text: string, form: Form = "text"): Template[] {
  const known = parsed[form].get(text);
  if (known !== undefined) return known;
  const template = liquid(form).parse(text);
  parsed[form].set(text, template);
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

/** A template of a destination's configuration, for `Context.render`. */
export function renderSetting(text: string, values: Readonly<Record<string, unknown>>, as: Form): string {
  return liquid(as).renderSync(parse(text, as), values) as string;
}
