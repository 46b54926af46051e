/** Arguments of a library call, judged by the model's parameters: only names, columns and durations ever reach its SQL. */
import { parseDuration, type DurationUnit } from "./duration.ts";
import type { LibraryModel } from "./library.ts";
import type { Relation } from "./project.ts";
import { didYouMean, quoteText } from "./suggest.ts";
import { parseTemplate, renderTemplate, type LibraryCall, type Spot } from "./template.ts";

/** A call whose arguments fit. */
export interface ReadArguments {
  readonly relations: ReadonlyMap<string, Relation & { readonly spot: Spot }>;
  readonly columns: ReadonlyMap<
    string,
    { readonly column: string; readonly of: readonly string[]; readonly spot: Spot }
  >;
  /** Parameter -> what {{ var('parameter') }} becomes between the quotes of the library's SQL. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface ArgumentProblem {
  readonly message: string;
  readonly spot: Spot;
  readonly hint?: string;
}

/** Reads a call's arguments, or says everything that is wrong with them; `whole` is the call's own place. */
export function readArguments(
  model: LibraryModel,
  call: LibraryCall,
  whole: Spot,
): ReadArguments | { readonly problems: readonly ArgumentProblem[] } {
  const relations = new Map<string, Relation & { readonly spot: Spot }>();
  const columns = new Map<string, { readonly column: string; readonly of: readonly string[]; readonly spot: Spot }>();
  const texts = new Map<string, string>();
  const problems = misnamed(model, call);
  for (const parameter of model.parameters) {
    const given = call.arguments.find(({ name }) => name === parameter.name);
    const fallback = parameter.type === "duration" ? parameter.default : undefined;
    const value = given?.value ?? fallback;
    const spot = given ?? whole;
    if (value === undefined) {
      problems.push({
        message: `millrace.${model.name} needs ${parameter.name}=`,
        spot,
        hint: parameter.description,
      });
      continue;
    }
    const wrong = (expected: string): void => {
      problems.push({ message: `${parameter.name}= takes ${expected}, not ${quoteText(String(value))}`, spot });
    };
    switch (parameter.type) {
      case "model": {
        const relation = relationOf(value);
        if (relation === null) wrong("the name of a model, or source.table");
        else relations.set(parameter.name, { ...relation, spot });
        break;
      }
      case "column":
        if (typeof value === "string" && /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(value)) {
          columns.set(parameter.name, { column: value, of: parameter.of, spot });
          texts.set(parameter.name, value);
        } else wrong("the name of a column: letters, digits and underscores");
        break;
      case "duration": {
        const interval = intervalOf(value);
        if (interval === null) wrong("a duration like 30min or 3d");
        else texts.set(parameter.name, interval);
      }
    }
  }
  if (problems.length === 0) problems.push(...twice(model, texts, whole));
  return problems.length > 0 ? { problems } : { relations, columns, texts };
}

/** Arguments that are no parameter, or stand twice. */
function misnamed({ name: model, parameters }: LibraryModel, call: LibraryCall): ArgumentProblem[] {
  const known = parameters.map(({ name }) => name);
  return call.arguments.flatMap((spot, index): readonly ArgumentProblem[] => {
    if (!known.includes(spot.name)) {
      const hint = didYouMean(spot.name, known, "it takes");
      const message = `millrace.${model} has no parameter ${quoteText(spot.name)}`;
      return [{ message, spot, ...(hint === undefined ? {} : { hint }) }];
    }
    const again = call.arguments.findIndex(({ name }) => name === spot.name) < index;
    return again ? [{ message: `${spot.name}= stands twice`, spot }] : [];
  });
}

/** Columns that would come out under one name, because an argument is called like a column of the model. */
function twice(model: LibraryModel, texts: ReadonlyMap<string, string>, spot: Spot): readonly ArgumentProblem[] {
  const names = model.columns.map(({ name }) => fill(name, texts).toLowerCase());
  const double = names.find((name, index) => names.indexOf(name) < index);
  if (double === undefined) return [];
  const message = `millrace.${model.name} would give two columns called ${quoteText(double)}`;
  return [{ message, spot, hint: "give the column another name in a model of your own, and name that model here" }];
}

function relationOf(value: LibraryCall["arguments"][number]["value"]): Relation | null {
  const [, name, table] = /^([a-z][a-z0-9_]{0,62})(?:\.([A-Za-z0-9_$-]{1,127}))?$/.exec(String(value)) ?? [];
  if (typeof value !== "string" || name === undefined) return null;
  return table === undefined ? { ref: name } : { source: name, table };
}

const units: Readonly<Record<DurationUnit, string>> = {
  s: "seconds",
  min: "minutes",
  h: "hours",
  d: "days",
  w: "weeks",
  mo: "months",
  y: "years",
};

/** `30 minutes`, for between the quotes of interval '…'. */
function intervalOf(value: unknown): string | null {
  const parsed = typeof value === "string" ? parseDuration(value) : { problem: "" };
  return "problem" in parsed ? null : `${parsed.count} ${units[parsed.unit]}`;
}

/** A text of the library with its parameters filled in; `relations` only where it reads any. */
export function fill(text: string, texts: ReadonlyMap<string, string>, relations?: ReadArguments["relations"]): string {
  const refuse = (word: string): never => {
    throw new Error(`a model of the library may not use ${word}`);
  };
  return renderTemplate(parseTemplate(text), {
    ref: (name) => callOf(relations?.get(name) ?? refuse(`ref('${name}')`)),
    var: (name) => (name === "as_of" ? `{{ var("as_of") }}` : (texts.get(name) ?? refuse(`var('${name}')`))),
    source: () => refuse("source"),
    envVar: () => refuse("env_var"),
    this: () => refuse("this"),
    get target() {
      return refuse("target.name");
    },
  });
}

const callOf = (relation: Relation): string =>
  "ref" in relation ? `{{ ref('${relation.ref}') }}` : `{{ source('${relation.source}', '${relation.table}') }}`;
