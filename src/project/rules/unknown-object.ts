import { didYouMean, quoteText } from "../suggest.ts";
import { report, type ValidationRule } from "./rule.ts";

/** An object that the destination's type does not have. */
export const unknownObject: ValidationRule = {
  code: "E205",
  severity: "error",
  *check({ project }) {
    for (const { spec, at } of project.syncs.values()) {
      const destination = project.destinations.get(spec.destination);
      if (!destination?.loaded || Object.hasOwn(destination.definition.objects, spec.object)) continue;
      const names = Object.keys(destination.definition.objects);
      yield report(
        unknownObject,
        `${destination.spec.type} has no object ${quoteText(spec.object)}`,
        at(["object"]),
        didYouMean(spec.object, names, "its objects"),
      );
    }
  },
  valid: {},
  invalid: {
    "models/more.yml": "syncs:\n  - { name: again, model: customers, destination: crm, object: membre, mode: mirror }",
  },
};
