import type { Diagnostic } from "../../core.ts";
import { resolveRef } from "../graph.ts";
import { mentions, type Mention } from "../mentions.ts";
import { didYouMean, quoteText } from "../suggest.ts";
import { report, type RuleContext, type ValidationRule } from "./rule.ts";

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
  // A node that dbt has is told by E248; without its manifest nobody knows what dbt has.
  if (kinds.includes("model") && (project.dbt?.unusable.has(name) === true || broken.has("dbt:manifest"))) return null;
  const other = resolveRef(project, name)?.split(":")[0];
  const names = kinds
    .flatMap((word) => [...spaces[word].keys(), ...(word === "model" ? (project.dbt?.nodes.keys() ?? []) : [])])
    .filter((each) => !each.includes("."));
  return report(
    unknownReference,
    `there is no ${kind === "any" ? "model" : kind} called ${quoteText(name)}`,
    at(),
    other === undefined ? didYouMean(name, names) : `"${name}" is a ${other}`,
  );
}
