/** The lists of models/**.yml and tests/*.yml as resources: each item parsed by itself, so that one error hides no other. */
import type { z } from "zod";
import type { Diagnostic, Location } from "../core.ts";
import { toDiagnostics } from "./issues.ts";
import type { Resource } from "./project.ts";
import { audienceSchema, segmentSchema, syncSchema } from "./schema/audiences.ts";
import { isMap, wording } from "./schema/common.ts";
import { modelSchema, seedSchema, sourceSchema } from "./schema/models.ts";
import { unitTestSchema } from "./schema/tests.ts";
import { didYouMean, quoteText } from "./suggest.ts";
import type { Path, YamlFile } from "./yaml.ts";

export const lists = {
  sources: { what: "source", schema: sourceSchema },
  seeds: { what: "seed", schema: seedSchema },
  models: { what: "model", schema: modelSchema },
  segments: { what: "segment", schema: segmentSchema },
  audiences: { what: "audience", schema: audienceSchema },
  syncs: { what: "sync", schema: syncSchema },
  unit_tests: { what: "unit test", schema: unitTestSchema },
} as const;
export type ListName = keyof typeof lists;

/** Lists of the file format whose part is not in this version: never ignored (decision 17). */
const laterLists: ReadonlySet<string> = new Set(["identities", "metrics", "journeys"]);

type Item<L extends ListName> = z.output<(typeof lists)[L]["schema"]>;

/** A name taken in the project: names must be unique in their space (decision 27). */
export interface Claim {
  readonly what: string;
  readonly name: string;
  readonly at: Location;
}

export interface Collected {
  readonly items: { readonly [L in ListName]: Resource<Item<L>>[] };
  readonly claims: Claim[];
  /** Names of items that did not parse: references to them are no errors of their own. */
  readonly broken: Set<string>;
  readonly diagnostics: Diagnostic[];
}

export const emptyCollection = (): Collected => ({
  items: { sources: [], seeds: [], models: [], segments: [], audiences: [], syncs: [], unit_tests: [] },
  claims: [],
  broken: new Set(),
  diagnostics: [],
});

/** Adds a file's lists. */
export function collect(into: Collected, file: YamlFile): void {
  into.diagnostics.push(...file.problems);
  if (file.value === undefined) return;
  if (!isMap(file.value)) {
    into.diagnostics.push({
      code: "E104",
      severity: "error",
      message: `expected lists of ${Object.keys(lists).join(", ")}`,
      at: file.at([]),
    });
    return;
  }
  for (const [key, value] of Object.entries(file.value)) {
    if (laterLists.has(key))
      into.diagnostics.push({
        code: "E190",
        severity: "error",
        message: `${key}: is not in this version of millrace`,
        at: file.at([key], "key"),
      });
    else if (!isList(key)) {
      const hint = didYouMean(key, Object.keys(lists), "lists allowed here");
      into.diagnostics.push({
        code: "E102",
        severity: "error",
        message: `unknown list ${quoteText(key)} in this file`,
        at: file.at([key], "key"),
        ...(hint !== undefined && { hint }),
      });
    } else if (!Array.isArray(value)) {
      if (value !== null)
        into.diagnostics.push({
          code: "E104",
          severity: "error",
          message: `expected ${key} to be a list: begin each entry with "- "`,
          at: file.at([key]),
        });
    } else for (const [index, item] of value.entries()) collectItem(into, file, key, index, item);
  }
}

const isList = (key: string): key is ListName => Object.hasOwn(lists, key);

function collectItem<L extends ListName>(
  into: Collected,
  file: YamlFile,
  list: L,
  index: number,
  value: unknown,
): void {
  const { what, schema } = lists[list];
  const base = [list, index] as const;
  const name = isMap(value) && typeof value["name"] === "string" ? value["name"] : null;
  // A seed's entry speaks of its file, which has the name.
  const claimed = list === "seeds" ? "entry of seed" : what;
  if (name !== null && list !== "models" && list !== "unit_tests")
    into.claims.push({ what: claimed, name, at: file.at([...base, "name"]) });
  const parsed = (schema as z.ZodType<Item<L>>).safeParse(value, { error: wording });
  if (parsed.success) {
    into.items[list].push(resource(name ?? "", parsed.data, file, base));
    return;
  }
  if (name !== null) into.broken.add(`${what}:${name}`);
  into.diagnostics.push(
    ...toDiagnostics(parsed.error.issues, {
      file,
      base,
      name: name === null ? `this ${what}` : `${what} ${quoteText(name)}`,
      value,
    }),
  );
}

/** A thing with its places; paths are relative to `base`. */
export function resource<Spec>(
  name: string,
  spec: Spec,
  file: Pick<YamlFile, "file" | "at">,
  base: Path = [],
): Resource<Spec> {
  return {
    name,
    spec,
    file: file.file,
    at: (path = [], part = "value") =>
      path.length === 0 ? file.at(base.length === 0 ? [] : [...base, "name"]) : file.at([...base, ...path], part),
  };
}
