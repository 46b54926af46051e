/** The six words of SQL templates: `ref source var env_var this target.name`, and `{# #}`. */
import { createHash } from "node:crypto";
import type { Json } from "../core.ts";
import { nearest } from "./suggest.ts";
import { parseArguments, type Argument } from "./template-arguments.ts";

/** A place inside a template's text, counted from 1. */
export interface Spot {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

export type Call = Spot &
  (
    | { readonly word: "ref"; readonly name: string; readonly library?: LibraryCall }
    | { readonly word: "source"; readonly source: string; readonly table: string }
    | { readonly word: "var"; readonly name: string; readonly fallback?: Json }
    | { readonly word: "env_var"; readonly name: string; readonly fallback?: string }
    | { readonly word: "this" }
    | { readonly word: "target.name" }
  );

/**
 * `ref('millrace.rfm', events='orders', …)`: a model of the library for these arguments. The `name` of the ref is then
 * `millrace.rfm.` and a digest of the arguments, so that equal calls are one model.
 */
export interface LibraryCall {
  /** `rfm`. */
  readonly model: string;
  /** In order of writing; a name may stand twice. */
  readonly arguments: readonly (Spot & { readonly name: string; readonly value: string | number | boolean })[];
}

export type Part = { readonly text: string } | { readonly call: Call };

export interface TemplateProblem extends Spot {
  readonly message: string;
  readonly hint?: string;
}

export interface Template {
  readonly parts: readonly Part[];
  readonly problems: readonly TemplateProblem[];
}

const words = ["ref", "source", "var", "env_var", "this", "target.name"] as const;

/** Takes a text apart; line breaks of comments are kept, so that lines of the result are lines of the file. */
export function parseTemplate(text: string): Template {
  const parts: Part[] = [];
  const problems: TemplateProblem[] = [];
  const opener = /\{\{|\{%|\{#/g;
  let done = 0;
  for (let match = opener.exec(text); match !== null; match = opener.exec(text)) {
    const start = match.index;
    if (start > done) parts.push({ text: text.slice(done, start) });
    const close = { "{{": "}}", "{%": "%}", "{#": "#}" }[match[0]] ?? "}}";
    const end = text.indexOf(close, start + 2);
    const stop = end < 0 ? text.length : end + 2;
    const spot = spotAt(text, start, stop);
    if (end < 0) problems.push({ ...spot, message: `${match[0]} is not closed`, hint: `close it with ${close}` });
    else if (match[0] === "{#") parts.push({ text: text.slice(start, stop).replaceAll(/[^\n]+/g, "") });
    else if (match[0] === "{%")
      problems.push({
        ...spot,
        message: "{% %} is not part of the template language",
        hint: "build models that need logic in dbt, and ref() what it builds",
      });
    else {
      const call = parseCall(text.slice(start + 2, end), spot, (from, to) =>
        spotAt(text, start + 2 + from, start + 2 + to),
      );
      if ("message" in call) problems.push(call);
      else parts.push({ call });
    }
    done = stop;
    opener.lastIndex = stop;
  }
  if (done < text.length) parts.push({ text: text.slice(done) });
  return { parts, problems };
}

/** The calls of a template, in order. */
export function callsOf(template: Template): readonly Call[] {
  return template.parts.flatMap((part) => ("call" in part ? [part.call] : []));
}

/** What each word becomes; each may throw an error of its own. */
export interface Resolvers {
  ref(name: string, call: Call): string;
  source(source: string, table: string, call: Call): string;
  var(name: string, fallback: Json | undefined, call: Call): string;
  envVar(name: string, fallback: string | undefined, call: Call): string;
  this(call: Call): string;
  readonly target: string;
}

/** The text with every call resolved. */
export function renderTemplate(template: Template, resolvers: Resolvers): string {
  return template.parts.map((part) => ("text" in part ? part.text : renderCall(part.call, resolvers))).join("");
}

function renderCall(call: Call, resolvers: Resolvers): string {
  switch (call.word) {
    case "ref":
      return resolvers.ref(call.name, call);
    case "source":
      return resolvers.source(call.source, call.table, call);
    case "var":
      return resolvers.var(call.name, call.fallback, call);
    case "env_var":
      return resolvers.envVar(call.name, call.fallback, call);
    case "this":
      return resolvers.this(call);
    case "target.name":
      return resolvers.target;
  }
}

/** Line, column and length of a range; the length ends with the first line. */
export function spotAt(text: string, start: number, stop: number): Spot {
  const before = text.lastIndexOf("\n", start - 1);
  let line = 1;
  for (let index = text.indexOf("\n"); index >= 0 && index < start; index = text.indexOf("\n", index + 1)) line++;
  const newline = text.indexOf("\n", start);
  return { line, column: start - before, length: Math.max(1, (newline < 0 ? stop : Math.min(stop, newline)) - start) };
}

/** `place` gives the spot of a range of `inside`. */
type Place = (start: number, stop: number) => Spot;

function parseCall(inside: string, spot: Spot, place: Place): Call | TemplateProblem {
  const fail = (message: string, hint?: string): TemplateProblem => ({
    ...spot,
    message,
    ...(hint !== undefined && { hint }),
  });
  const body = inside.trim();
  if (inside.startsWith("-") || inside.endsWith("-"))
    return fail("{{- -}} is not part of the template language", "write {{ }}: spaces mean nothing in SQL");
  if (body === "this") return { ...spot, word: "this" };
  if (body === "target.name") return { ...spot, word: "target.name" };
  const match = /^([a-z_.]+)\s*(?:\(([\s\S]*)\))?$/i.exec(body);
  const word = match?.[1] ?? body;
  if (word === "config")
    return fail(
      "config() is not part of the template language",
      "write materialize, tags and meta in the model's YAML",
    );
  if (!(words as readonly string[]).includes(word)) {
    const near = nearest(word.slice(0, 40), words, 1)[0];
    return fail(
      `"${word.slice(0, 60)}" is not one of the template's words`,
      near ? `did you mean "${near}"?` : `the words: ${words.join(", ")}`,
    );
  }
  const values = match?.[2] === undefined ? null : parseArguments(match[2]);
  const form = word === "source" ? "source('shop', 'customers')" : `${word}('name')`;
  if (values === null) return fail(`${word} takes plain values in quotes`, form);
  const from = inside.indexOf("(") + 1;
  const call = build(word, values, spot, (start, stop) => place(from + start, from + stop));
  if (call !== null) return call;
  if (word === "ref" && String(values[0]?.value).startsWith("millrace."))
    return fail("a model of the library takes its arguments by name", "ref('millrace.rfm', events='orders', …)");
  if (values.some(({ name }) => name !== null))
    return fail("only models of the library take arguments by name", "ref('millrace.rfm', events='orders', …)");
  return fail(
    `${word} takes ${word === "source" ? "two names" : "one name"}${word.endsWith("var") ? " and perhaps a default" : ""}`,
    form,
  );
}

function build(word: string, values: readonly Argument[], spot: Spot, place: Place): Call | null {
  const [first, ...more] = values;
  if (first === undefined || first.name !== null || typeof first.value !== "string") return null;
  if (word === "ref" && first.value.startsWith("millrace.")) return libraryRef(first.value, more, spot, place);
  const [second, ...rest] = more.map(({ value }) => value);
  if (rest.length > 0 || more.some(({ name }) => name !== null)) return null;
  if (word === "source")
    return typeof second === "string" ? { ...spot, word, source: first.value, table: second } : null;
  if (word === "ref") return second === undefined ? { ...spot, word, name: first.value } : null;
  if (word === "var") return { ...spot, word, name: first.value, ...(second !== undefined && { fallback: second }) };
  if (word === "env_var" && (second === undefined || typeof second === "string"))
    return { ...spot, word, name: first.value, ...(second !== undefined && { fallback: second }) };
  return null;
}

function libraryRef(written: string, more: readonly Argument[], spot: Spot, place: Place): Call | null {
  const given = more.flatMap(({ name, value, start, stop }) =>
    name === null ? [] : [{ ...place(start, stop), name, value }],
  );
  if (given.length < more.length) return null;
  const sorted = given.map(({ name, value }) => [name, value] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 10);
  const library = { model: written.slice("millrace.".length), arguments: given };
  return { ...spot, word: "ref", name: `${written}.${digest}`, library };
}
