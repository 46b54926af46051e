import type { Diagnostic, Location } from "../../core.ts";
import type { Claim } from "../collect.ts";
import type { Graph } from "../graph.ts";
import type { Project } from "../project.ts";
import type { YamlFile } from "../yaml.ts";

/** What a rule may look at: everything that parsed. */
export interface RuleContext {
  readonly project: Project;
  readonly graph: Graph;
  /** Every name the files declare, in order of reading. */
  readonly claims: readonly Claim[];
  /** `kind:name` of what did not parse; a reference to it is no error of its own. */
  readonly broken: ReadonlySet<string>;
  readonly documents: readonly YamlFile[];
  /** `dbt: max_age` in milliseconds. */
  readonly maxDbtAge: number | null;
  /** Whether a path (relative to the root) stays inside the project and its allow_paths. */
  contains(file: string): boolean;
  /** Whether there is a file of this path, relative to the root. */
  exists(file: string): boolean;
}

/** Files of a small project, laid over {@link ../../../test/project}'s base: `null` takes a base file away. */
export type Example = Readonly<Record<string, string | null>>;

/** One validation rule: the code it reports, how, and an example of each kind; both are run as tests. */
export interface ValidationRule {
  readonly code: string;
  readonly severity: Diagnostic["severity"];
  check(context: RuleContext): Iterable<Diagnostic>;
  readonly valid: Example;
  readonly invalid: Example;
}

/** A diagnostic without the ceremony. */
export function report(
  rule: Pick<ValidationRule, "code" | "severity">,
  message: string,
  at: Location,
  hint?: string,
): Diagnostic {
  return { code: rule.code, severity: rule.severity, message, at, ...(hint !== undefined && { hint }) };
}
