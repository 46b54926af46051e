import { didYouMean, quoteText } from "../suggest.ts";
import { report, type ValidationRule } from "./rule.ts";

/** A sync or an environment that names a destination without a file. */
export const unknownDestination: ValidationRule = {
  code: "E203",
  severity: "error",
  *check({ project, broken, documents }) {
    const known = (name: string): boolean => project.destinations.has(name) || broken.has(`destination:${name}`);
    const hint = (name: string): string | undefined => didYouMean(name, project.destinations.keys(), "destinations");
    for (const { spec, at } of project.syncs.values()) {
      if (!known(spec.destination))
        yield report(
          unknownDestination,
          `there is no destination called ${quoteText(spec.destination)}`,
          at(["destination"]),
          hint(spec.destination),
        );
    }
    const main = documents.find(({ file }) => file === "millrace.yml");
    const environments = (
      main?.value as { environments?: Record<string, { destinations?: Record<string, unknown> } | null> } | undefined
    )?.environments;
    for (const [environment, value] of Object.entries(environments ?? {})) {
      for (const name of Object.keys(value?.destinations ?? {})) {
        if (name !== "*" && !known(name) && main)
          yield report(
            unknownDestination,
            `there is no destination called ${quoteText(name)}`,
            main.at(["environments", environment, "destinations", name], "key"),
            hint(name),
          );
      }
    }
  },
  valid: {},
  invalid: {
    "models/more.yml": "syncs:\n  - { name: again, model: customers, destination: cmr, object: member, mode: mirror }",
  },
};
