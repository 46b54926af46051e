import type { z } from "zod";
import type { Diagnostic } from "../core.ts";
import { didYouMean, nearest, quoteText } from "./suggest.ts";
import { toJson } from "./schema/common.ts";
import type { Path, YamlFile } from "./yaml.ts";

/** What an issue speaks of: the parsed value's place in its file, and its name in a sentence (`audience "vip"`). */
export interface Subject {
  readonly file: Pick<YamlFile, "at">;
  readonly base: Path;
  readonly name: string;
  readonly value: unknown;
}

/** Every zod issue as diagnostics with code, place and a next step; a misspelt key is not reported missing as well. */
export function toDiagnostics(issues: readonly z.core.$ZodIssue[], subject: Subject): readonly Diagnostic[] {
  const unknown = issues.filter((issue) => issue.code === "unrecognized_keys");
  const meant = new Set(
    unknown.flatMap((issue) =>
      issue.keys.flatMap((key) =>
        nearest(key, issue.message.split(", "), 1).map((name) => JSON.stringify([...issue.path, name])),
      ),
    ),
  );
  const blocks = new Set(unknown.map((issue) => JSON.stringify(issue.path)));
  // "needs an operator" and "is missing" are only the echo of a misspelt key in the same block
  const echo = (issue: z.core.$ZodIssue): boolean =>
    (issue.code === "custom" && issue.params?.["code"] !== "E190" && blocks.has(JSON.stringify(issue.path))) ||
    (meant.has(JSON.stringify(issue.path)) && valueAt(subject.value, issue.path as Path) === undefined);
  return issues
    .filter((issue) => issue.code === "unrecognized_keys" || !echo(issue))
    .flatMap((issue) => toDiagnostic(issue, subject));
}

function toDiagnostic(issue: z.core.$ZodIssue, subject: Subject): readonly Diagnostic[] {
  const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  const within = `${place(path)}${subject.name}`;
  const value = valueAt(subject.value, path);
  const at = subject.file.at([...subject.base, ...path]);
  const key = path.at(-1);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((wrong) =>
        unknownKey(wrong, issue.message, { ...subject, base: [...subject.base, ...path], name: within }, value),
      );
    case "custom": {
      const params = issue.params as { code?: string; hint?: string } | undefined;
      const about = params?.code === "E190" ? subject.file.at([...subject.base, ...path], "key") : at;
      return [
        {
          code: params?.code ?? "E105",
          severity: "error",
          message: `${issue.message}, in ${within}`,
          at: about,
          ...(params?.hint !== undefined && { hint: params.hint }),
        },
      ];
    }
    case "invalid_key": {
      return issue.issues.flatMap((inner) => {
        const keyPlace = subject.file.at([...subject.base, ...path], "key");
        return toDiagnostic(
          { ...inner, path: [] },
          { file: { at: () => keyPlace }, base: [], name: within, value: key },
        );
      });
    }
    case "invalid_value":
      if (value === undefined) return [missing(key, path, subject)];
      return [
        wrong(
          "E105",
          `expected ${issue.values.map(String).join(" or ")}, found ${found(value)}, in ${within}`,
          at,
          didYouMeanOnly(value, issue.values.map(String)),
        ),
      ];
    case "invalid_type":
      if (value === undefined) return [missing(key, path, subject)];
      return [
        wrong(
          "E104",
          `expected ${typeWords[issue.expected] ?? issue.expected}, found ${found(value)}, in ${within}`,
          at,
        ),
      ];
    case "invalid_union":
      if (value === undefined) return [missing(key, path, subject)];
      return (
        closestBranch(issue.errors, path, subject) ?? [
          wrong("E104", `expected ${unionWords(issue.errors)}, found ${found(value)}, in ${within}`, at),
        ]
      );
    default:
      return [wrong("E105", `${limitWords(issue)}, found ${found(value)}, in ${within}`, at)];
  }
}

/** Scalars' unions fail at their own place; a branch that failed deeper, or with our own words, tells more than the union. */
function closestBranch(
  errors: readonly (readonly z.core.$ZodIssue[])[],
  path: Path,
  subject: Subject,
): readonly Diagnostic[] | null {
  const branch = errors.find((issues) => issues.some((issue) => issue.path.length > 0 || issue.code === "custom"));
  return branch ? branch.flatMap((issue) => toDiagnostic({ ...issue, path: [...path, ...issue.path] }, subject)) : null;
}

const wrong = (code: string, message: string, at: Diagnostic["at"], hint?: string): Diagnostic => ({
  code,
  severity: "error",
  message,
  ...(at && { at }),
  ...(hint !== undefined && { hint }),
});

function unknownKey(key: string, allowed: string, subject: Subject, value: unknown): Diagnostic {
  const present = new Set(Object.keys((value ?? {}) as object));
  const names = allowed.split(", ").filter((name) => name !== "");
  const near = nearest(
    key,
    names.filter((name) => !present.has(name)),
    2,
  ).map((name) => `"${name}"`);
  const keys = `keys allowed here: ${names.join(", ")}`;
  return wrong(
    "E102",
    `unknown key ${quoteText(key)} in ${subject.name}`,
    subject.file.at([...subject.base, key], "key"),
    near.length > 0 ? `did you mean ${near.join(" or ")}?\n${keys}` : keys,
  );
}

function missing(key: string | number | undefined, path: Path, subject: Subject): Diagnostic {
  const parent = [...subject.base, ...path.slice(0, -1)];
  return wrong(
    "E103",
    `the key "${String(key)}" is missing in ${place(path)}${subject.name}`,
    subject.file.at(parent, parent.length > subject.base.length ? "key" : "value"),
  );
}

function place(path: Path): string {
  const inside = path.slice(0, -1).filter((step): step is string => typeof step === "string");
  return inside.length > 0 ? `${inside.join(".")} of ` : "";
}

function didYouMeanOnly(value: unknown, names: readonly string[]): string | undefined {
  return typeof value === "string" && nearest(value, names).length > 0 ? didYouMean(value, names) : undefined;
}

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a block of keys",
  record: "a block of keys",
  bigint: "a whole number",
  date: "a date",
  tuple: "a list",
};

function unionWords(errors: readonly (readonly z.core.$ZodIssue[])[]): string {
  const words = errors.map((issues) =>
    issues[0]?.code === "invalid_type" ? (typeWords[issues[0].expected] ?? issues[0].expected) : "another value",
  );
  return [...new Set(words)].join(" or ");
}

function limitWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_small":
      return issue.origin === "array"
        ? "expected at least one"
        : issue.origin === "string"
          ? "expected text that is not empty"
          : `expected at least ${String(issue.minimum)}`;
    case "too_big":
      return `expected at most ${String(issue.maximum)}`;
    case "invalid_format":
      return issue.format === "date" ? "expected a date like 2026-01-31" : "expected another form";
    default:
      return issue.message;
  }
}

/** A value in a sentence; quoted and cut. */
export function found(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a block of keys";
  return typeof value === "string" ? quoteText(value) : String(toJson(value));
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}
