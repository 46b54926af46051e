import { identifiersOf, modelOf, objectOf, takesIdentifier } from "../sync-shape.ts";
import { didYouMean, quoteText } from "../suggest.ts";
import { report, type ValidationRule } from "./rule.ts";

/** Identifiers that the object does not take, that the model does not have, or that are missing altogether. */
export const identifiers: ValidationRule = {
  code: "E206",
  severity: "error",
  *check({ project }) {
    for (const { name, spec, at } of project.syncs.values()) {
      const object = objectOf(project, spec);
      if (object === null) continue;
      const kinds = Object.keys(object.identifiers);
      for (const kind of Object.keys(spec.identifiers)) {
        if (!takesIdentifier(object, kind))
          yield report(
            identifiers,
            `${spec.object} of "${spec.destination}" takes no identifier ${quoteText(kind)}`,
            at(["identifiers", kind], "key"),
            didYouMean(kind, kinds, "it takes"),
          );
      }
      const none =
        object.identify !== "key" &&
        Object.keys(identifiersOf(spec, modelOf(project, spec), object)).length === 0 &&
        Object.keys(spec.key ?? {}).length === 0;
      if (none && modelOf(project, spec))
        yield report(
          identifiers,
          `sync "${name}" sends no identifier, and ${spec.object} of "${spec.destination}" finds people by one`,
          at(["name"]),
          `identifiers: { ${kinds[0] ?? "email"}: column }; it takes ${kinds.join(", ")}`,
        );
    }
    for (const { spec, at } of [...project.audiences.values(), ...project.segments.values()]) {
      const model = project.models.get(spec.model);
      for (const [index, test] of spec.tests.entries()) {
        if (test.type !== "share_with_identifier" || !model || Object.hasOwn(model.spec.identifiers, test.identifier))
          continue;
        yield report(
          identifiers,
          `model "${spec.model}" has no identifier ${quoteText(test.identifier)}`,
          at(["tests", index, test.type, "identifier"]),
          didYouMean(test.identifier, Object.keys(model.spec.identifiers), "its identifiers"),
        );
      }
    }
  },
  valid: {},
  invalid: {
    "models/more.yml":
      "audiences:\n  - { name: b, model: customers, where: { field: country, is: BE }, tests: [ { share_with_identifier: { identifier: emial, min: 95% } } ] }",
  },
};
