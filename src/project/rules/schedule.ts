import { Cron } from "croner";
import { quoteText } from "../suggest.ts";
import { isTimezone } from "../zone.ts";
import { report, type ValidationRule } from "./rule.ts";

/** Schedules that are no cron expression of five fields, or in no time zone. */
export const schedule: ValidationRule = {
  code: "E227",
  severity: "error",
  *check({ project }) {
    for (const { spec, at } of project.syncs.values()) {
      if (spec.schedule === undefined) continue;
      const { cron, timezone } = spec.schedule;
      if (timezone !== undefined && !isTimezone(timezone))
        yield report(
          schedule,
          `unknown time zone ${quoteText(timezone)}`,
          at(["schedule", "timezone"]),
          "a name like Europe/Paris",
        );
      const why = problemOf(cron);
      if (why !== null)
        yield report(
          schedule,
          `${quoteText(cron)} is no schedule: ${why}`,
          at(["schedule", "cron"]),
          "minute hour day month weekday: 0 6 * * * is every day at six",
        );
    }
  },
  valid: {
    "models/more.yml":
      "syncs:\n  - { name: again, model: customers, destination: crm, object: member, mode: mirror, schedule: { cron: '*/15 * * * *', timezone: Europe/Paris } }",
  },
  invalid: {
    "models/more.yml":
      "syncs:\n  - { name: again, model: customers, destination: crm, object: member, mode: mirror, schedule: { cron: '0 25 * * *' } }",
  },
};

function problemOf(cron: string): string | null {
  if (cron.trim().split(/\s+/).length !== 5) return "it needs five fields";
  try {
    return new Cron(cron, { paused: true }).nextRun() === null ? "it never comes" : null;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^CronPattern:\s*/, "").slice(0, 120) : "it cannot be read";
  }
}
