import type { Diagnostic, Location } from "../../core.ts";
import { namesInRule, resolveRef } from "../graph.ts";
import { relationsOf } from "../library-calls.ts";
import type { AudienceSpec, Project, Resource, SegmentSpec } from "../project.ts";
import { writtenCalls, type WrittenCall } from "../sql-texts.ts";
import { didYouMean, quoteText } from "../suggest.ts";
import { callsOf, parseTemplate, type Call } from "../template.ts";
import { report, type RuleContext, type ValidationRule } from "./rule.ts";

type Kind = "model" | "segment" | "audience" | "sync" | "any" | "segment or audience";
interface Mention {
  readonly kind: Kind;
  readonly name: string;
  /** Looked up only for what is wrong. */
  readonly at: () => Location;
}

/** A name that nothing in the project has: in ref(), in rule trees, in syncs, tests and lists. */
export const unknownReference: ValidationRule = {
  code: "E201",
  severity: "error",
  *check(context) {
    for (const mention of mentions(context.project)) {
      const problem = unknown(mention, context);
      if (problem) yield problem;
    }
  },
  valid: { "models/more.sql": "select * from {{ ref('customers') }}" },
  invalid: { "models/more.sql": "select * from {{ ref('custmers') }}" },
};

function unknown({ kind, name, at }: Mention, { project, broken }: RuleContext): Diagnostic | null {
  const spaces = {
    model: project.models,
    seed: project.seeds,
    segment: project.segments,
    audience: project.audiences,
    sync: project.syncs,
  };
  const kinds: readonly (keyof typeof spaces)[] =
    kind === "any"
      ? ["model", "seed", "segment", "audience"]
      : kind === "segment or audience"
        ? ["segment", "audience"]
        : [kind];
  if (
    kinds.some(
      (word) => (spaces[word].has(name) && !(word === "seed" && name.includes("."))) || broken.has(`${word}:${name}`),
    )
  )
    return null;
  const other = resolveRef(project, name)?.split(":")[0];
  const names = kinds.flatMap((word) => Array.from(spaces[word].keys())).filter((each) => !each.includes("."));
  return report(
    unknownReference,
    `there is no ${kind === "any" ? "model" : kind} called ${quoteText(name)}`,
    at(),
    other === undefined ? didYouMean(name, names) : `"${name}" is a ${other}`,
  );
}

function* mentions(project: Project): Generator<Mention> {
  for (const { call, at } of writtenCalls(project)) yield* inCall(call, at);
  for (const model of project.models.values()) {
    for (const [index, test] of model.spec.data_tests.entries())
      yield* relation(test, () => model.at(["data_tests", index]));
    for (const [c, column] of model.spec.columns.entries())
      for (const [t, test] of column.data_tests.entries())
        yield* relation(test, () => model.at(["columns", c, "data_tests", t]));
  }
  for (const segment of project.segments.values()) yield* inSegment(segment);
  for (const audience of project.audiences.values()) {
    yield* inSegment(audience);
    for (const [index, name] of audience.spec.exclude.entries())
      yield { kind: "segment or audience", name, at: () => audience.at(["exclude", index]) };
  }
  for (const sync of project.syncs.values()) {
    if (sync.spec.audience !== undefined)
      yield { kind: "audience", name: sync.spec.audience, at: () => sync.at(["audience"]) };
    if (sync.spec.model !== undefined) yield { kind: "model", name: sync.spec.model, at: () => sync.at(["model"]) };
    for (const [index, name] of sync.spec.after.entries())
      yield { kind: "sync", name, at: () => sync.at(["after", index]) };
  }
  for (const test of project.unitTests) {
    yield { kind: "model", name: test.spec.model, at: () => test.at(["model"]) };
    for (const [index, { input }] of test.spec.given.entries())
      yield* bareName(input, () => test.at(["given", index, "input"]));
  }
}

function* inSegment(item: Resource<SegmentSpec | AudienceSpec>): Generator<Mention> {
  const { spec } = item;
  yield { kind: "model", name: spec.model, at: () => item.at(["model"]) };
  for (const { kind, name, path } of spec.where ? namesInRule(spec.where) : [])
    yield { kind: kind === "model" ? "any" : kind, name, at: () => item.at(["where", ...path]) };
  for (const [index, test] of spec.tests.entries()) {
    const name =
      test.type === "disjoint_from" || test.type === "subset_of"
        ? test.other
        : test.type === "overlap"
          ? test.with
          : null;
    if (name !== null)
      yield {
        kind: "segment or audience",
        name,
        at: () => item.at(["tests", index, test.type, ...(test.type === "overlap" ? ["with"] : [])]),
      };
  }
}

/** A ref to the project's own, or the models that a library call names; the library's own names have a rule of theirs. */
function* inCall(call: Call, at: WrittenCall["at"]): Generator<Mention> {
  if (call.word === "ref" && call.library === undefined) yield { kind: "any", name: call.name, at: () => at(call) };
  for (const { spot, ...named } of relationsOf(call))
    if ("ref" in named) yield { kind: "any", name: named.ref, at: () => at(spot) };
}

/** A YAML text that is no call: the bare name of an input. */
function* bareName(text: string, at: () => Location): Generator<Mention> {
  if (callsOf(parseTemplate(`{{ ${text} }}`)).length === 0) yield { kind: "any", name: text, at };
}

function* relation(
  test: { readonly type: string; readonly arguments: Readonly<Record<string, unknown>> },
  at: () => Location,
): Generator<Mention> {
  if (test.type === "relationships" && typeof test.arguments["to"] === "string")
    yield* inText(test.arguments["to"], at);
}

/** `ref('x')` as a YAML text, or a bare name. */
function* inText(text: string, at: () => Location): Generator<Mention> {
  for (const call of callsOf(parseTemplate(`{{ ${text} }}`))) yield* inCall(call, at);
  yield* bareName(text, at);
}
