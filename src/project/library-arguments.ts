/** Arguments of a library call, judged by the model's parameters: only names, columns and durations ever reach its SQL. */
import { parseDuration, type DurationUnit } from "./duration.ts";
import type { LibraryModel } from "./library.ts";
import type { Relation } from "./project.ts";
import type { LibraryParameter } from "./schema/library.ts";
import { didYouMean, quoteText } from "./suggest.ts";
import { parseTemplate, renderTemplate, type LibraryCall, type Spot } from "./template.ts";

/** A call whose arguments fit. */
export interface ReadArguments {
  readonly relations: ReadonlyMap<string, Relation & { readonly spot: Spot }>;
  readonly columns: readonly NamedColumn[];
  /** Parameter -> what {{ var('parameter') }} becomes between the quotes of the library's SQL. */
  readonly texts: ReadonlyMap<string, string>;
}

interface NamedColumn {
  readonly parameter: Extract<LibraryParameter, { readonly type: "column" }>;
  readonly column: string;
  readonly spot: Spot;
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
  const read: Reading = { relations: new Map(), columns: [], texts: new Map() };
  const problems = misnamed(model, call);
  for (const parameter of model.parameters) {
    const { name, type, description } = parameter;
    const given = call.arguments.find((each) => each.name === name);
    const value = given?.value ?? (type === "duration" ? parameter.default : undefined);
    if (value === undefined)
      problems.push({ message: `millrace.${model.name} needs ${name}=`, spot: whole, hint: description });
    else {
      const spot = given ?? whole;
      const expected = take(read, parameter, value, spot);
      if (expected !== null)
        problems.push({ message: `${name}= takes ${expected}, not ${quoteText(String(value))}`, spot });
    }
  }
  if (problems.length === 0) problems.push(...twice(model, read.texts, whole));
  return problems.length > 0 ? { problems } : read;
}

interface Reading {
  readonly relations: Map<string, Relation & { readonly spot: Spot }>;
  readonly columns: NamedColumn[];
  readonly texts: Map<string, string>;
}

/** Puts a value where its parameter belongs. Gives what was expected where it does not fit, else null. */
function take(read: Reading, parameter: LibraryParameter, value: Value, spot: Spot): string | null {
  switch (parameter.type) {
    case "model": {
      const relation = relationOf(value);
      if (relation === null) return "the name of a model, or source.table";
      read.relations.set(parameter.name, { ...relation, spot });
      return null;
    }
    case "column": {
      if (typeof value !== "string" || !/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(value))
        return "the name of a column: letters, digits and underscores";
      read.columns.push({ parameter, column: value, spot });
      read.texts.set(parameter.name, value);
      return null;
    }
    case "duration": {
      const interval = intervalOf(value);
      if (interval === null) return "a duration like 30min or 3d";
      read.texts.set(parameter.name, interval);
      return null;
    }
  }
}

type Value = LibraryCall["arguments"][number]["value"];

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

function relationOf(value: Value): Relation | null {
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
function intervalOf(value: Value): string | null {
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
