import type { Claim } from "../collect.ts";
import { quoteText } from "../suggest.ts";
import { report, type ValidationRule } from "./rule.ts";

/** Models, seeds, segments, audiences and nodes of dbt share one namespace; sources, syncs and destinations have their own (decision 27). */
const shared = new Set(["model", "seed", "segment", "audience", "dbt node"]);

export const duplicateNames: ValidationRule = {
  code: "E211",
  severity: "error",
  *check({ claims }) {
    const first = new Map<string, Claim>();
    for (const claim of claims) {
      const key = `${shared.has(claim.what) ? "shared" : claim.what}:${claim.name}`;
      const rival = first.get(key);
      if (rival === undefined) first.set(key, claim);
      else if (
        rival.at.file !== claim.at.file ||
        rival.at.line !== claim.at.line ||
        rival.at.column !== claim.at.column
      ) {
        const message =
          rival.what === claim.what
            ? `the ${claim.what} ${quoteText(claim.name)} is there twice`
            : `${quoteText(claim.name)} is a ${claim.what} and a ${rival.what}: both could be meant by ref()`;
        yield report(duplicateNames, message, claim.at, `first in ${rival.at.file}:${rival.at.line}`);
      }
    }
  },
  valid: { "models/more.yml": "segments:\n  - { name: belgian, model: customers, where: { field: country, is: BE } }" },
  invalid: {
    "models/more.yml": "segments:\n  - { name: customers, model: customers, where: { field: country, is: BE } }",
  },
};
