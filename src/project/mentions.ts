/** Every name that a project mentions, with the kind of thing it must be. */
import type { Location } from "../core.ts";
import { namesInRule } from "./graph.ts";
import { relationsOf } from "./library-calls.ts";
import type { AudienceSpec, Project, Resource, SegmentSpec } from "./project.ts";
import { writtenCalls, type WrittenCall } from "./sql-texts.ts";
import { callsOf, parseTemplate, type Call } from "./template.ts";

export type MentionKind = "model" | "segment" | "audience" | "sync" | "any" | "segment or audience";

export interface Mention {
  readonly kind: MentionKind;
  readonly name: string;
  /** Looked up only for what is wrong. */
  readonly at: () => Location;
}

/** A table of a source, where source() or a library call names it. */
export interface SourceMention {
  readonly source: string;
  readonly table: string;
  readonly at: () => Location;
}

/** Sources that SQL and inputs of unit tests name. */
export function* sourceMentions(project: Project): Generator<SourceMention> {
  for (const { call, at } of writtenCalls(project)) {
    if (call.word === "source") yield { source: call.source, table: call.table, at: () => at(call) };
    for (const { spot, ...read } of relationsOf(call)) if ("source" in read) yield { ...read, at: () => at(spot) };
  }
}

/** Names in ref(), in rule trees, in syncs, tests and lists. */
export function* mentions(project: Project): Generator<Mention> {
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
