import { report, type ValidationRule } from "./rule.ts";

/** A destination that no sync names. */
export const unusedDestination: ValidationRule = {
  code: "W310",
  severity: "warning",
  *check({ project, broken }) {
    if ([...broken].some((name) => name.startsWith("sync:"))) return;
    const used = new Set([...project.syncs.values()].map(({ spec }) => spec.destination));
    for (const { name, at } of project.destinations.values())
      if (!used.has(name)) yield report(unusedDestination, `destination "${name}" is used by no sync`, at());
  },
  valid: {},
  invalid: {
    "destinations/spare.yml": "destination: spare\ntype: webhook\nconfig: { url: 'https://spare.example.com' }",
  },
};
