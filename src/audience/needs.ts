import type { Rule } from "../project/schema/rule.ts";
import { membership, type AudienceContext } from "./context.ts";

/** What the members of a segment or audience are computed from, all the way down. */
export interface MembershipNeeds {
  /** Models and seeds whose columns and queries are asked for. */
  readonly models: readonly string[];
  /** Segments and audiences, those needed first in front, the named one last. */
  readonly memberships: readonly string[];
}

/** Names that unknown rules mention are left out: compiling reports them, as it does circles. */
export function membershipNeeds(context: Pick<AudienceContext, "project">, names: readonly string[]): MembershipNeeds {
  const models = new Set<string>();
  const done = new Set<string>();
  const entered = new Set<string>();
  const visit = (name: string): void => {
    const resource = context.project.audiences.get(name) ?? context.project.segments.get(name);
    if (resource === undefined || entered.has(name)) return;
    entered.add(name);
    const { spec } = resource;
    models.add(spec.model);
    const mentioned = spec.where === undefined ? [] : mentions(spec.where);
    for (const { kind, name: other } of mentioned) {
      if (kind === "membership") visit(other);
      else if (context.project.models.has(other) || context.project.seeds.has(other)) models.add(other);
    }
    context.project.audiences.get(name)?.spec.exclude.forEach(visit);
    done.add(name);
  };
  for (const name of names) visit(membership(context, name).name);
  return { models: [...models], memberships: [...done] };
}

interface Mention {
  readonly kind: "membership" | "model";
  readonly name: string;
}

function mentions(rule: Rule): readonly Mention[] {
  if ("all" in rule) return rule.all.flatMap(mentions);
  if ("any" in rule) return rule.any.flatMap(mentions);
  if ("not" in rule) return mentions(rule.not);
  if ("in_segment" in rule) return [{ kind: "membership", name: rule.in_segment }];
  if ("in_audience" in rule) return [{ kind: "membership", name: rule.in_audience }];
  if ("event" in rule)
    return [{ kind: "model", name: rule.event }, ...(rule.where === undefined ? [] : mentions(rule.where))];
  if ("related" in rule)
    return [{ kind: "model", name: rule.related }, ...(rule.where === undefined ? [] : mentions(rule.where))];
  return [];
}
