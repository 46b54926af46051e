import { report, type ValidationRule } from "./rule.ts";
import { exampleManifest } from "./dbt-example.ts";

/** A manifest older than `dbt: max_age`, seen from the run's time. */
export const dbtStale: ValidationRule = {
  code: "W250",
  severity: "warning",
  *check({ project, maxDbtAge }) {
    const { dbt } = project;
    if (!dbt || dbt.generatedAt === null || maxDbtAge === null) return;
    const age = Date.parse(String(project.vars["as_of"])) - dbt.generatedAt;
    if (age > maxDbtAge)
      yield report(
        dbtStale,
        `dbt's manifest is ${hours(age)} old; max_age is ${hours(maxDbtAge)}`,
        dbt.at,
        "dbt build writes it anew",
      );
  },
  valid: exampleManifest({ generatedAt: "2026-01-31T05:00:00Z" }),
  invalid: exampleManifest({ generatedAt: "2026-01-29T05:00:00Z" }),
};

/** `49 h`, `30 min`. */
function hours(ms: number): string {
  return ms < 3_600_000 ? `${Math.floor(ms / 60_000)} min` : `${Math.floor(ms / 3_600_000)} h`;
}
