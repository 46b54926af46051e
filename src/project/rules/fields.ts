import { objectOf, takesField, takesIdentifier } from "../sync-shape.ts";
import { didYouMean, quoteText } from "../suggest.ts";
import { report, type ValidationRule } from "./rule.ts";

/** Mappings, keys and on_leave.set against the object's fields; the ones it requires. */
export const fields: ValidationRule = {
  code: "E209",
  severity: "error",
  *check({ project }) {
    for (const { name, spec, at } of project.syncs.values()) {
      const object = objectOf(project, spec);
      if (object === null) continue;
      const takes = (field: string): boolean =>
        takesField(object, field) || takesField(object, field.split(".")[0] ?? field);
      const hint = (field: string): string | undefined => didYouMean(field, Object.keys(object.fields), "its fields");
      const unknown = (field: string): string =>
        `${spec.object} of "${spec.destination}" has no field ${quoteText(field)}`;
      const seen = new Set<string>();
      for (const [index, mapping] of spec.mappings.entries()) {
        if (!takes(mapping.to))
          yield report(fields, unknown(mapping.to), at(["mappings", index, "to"]), hint(mapping.to));
        if (seen.has(mapping.to))
          yield report(fields, `the field ${quoteText(mapping.to)} is mapped twice`, at(["mappings", index, "to"]));
        seen.add(mapping.to);
        if ("lookup" in mapping && object.lookup === undefined)
          yield report(
            fields,
            `${spec.object} of "${spec.destination}" cannot look ids up`,
            at(["mappings", index, "lookup"], "key"),
            "map a column or a value",
          );
      }
      for (const field of Object.keys(spec.key ?? {})) {
        if (!takes(field) && !takesIdentifier(object, field))
          yield report(
            fields,
            unknown(field),
            at(["key", field], "key"),
            didYouMean(field, [...Object.keys(object.fields), ...Object.keys(object.identifiers)], "it takes"),
          );
      }
      if (typeof spec.on_leave === "object") {
        for (const field of Object.keys(spec.on_leave.set))
          if (!takes(field)) yield report(fields, unknown(field), at(["on_leave", "set", field], "key"), hint(field));
      }
      const given = new Set([...seen, ...Object.keys(spec.key ?? {}), ...Object.keys(spec.identifiers)]);
      const absent = Object.entries(object.fields)
        .filter(([field, { required }]) => required === true && !given.has(field))
        .map(([field]) => field);
      if (absent.length > 0 && spec.mode !== "remove")
        yield report(
          fields,
          `sync "${name}" does not map ${absent.join(", ")}, which ${spec.object} requires`,
          at(["name"]),
          `mappings: [ { to: ${absent[0]}, from: column } ]`,
        );
    }
  },
  valid: {
    "models/more.yml":
      "syncs:\n  - { name: again, model: customers, destination: crm, object: record, mode: upsert, mappings: [ { to: email, from: email } ] }",
  },
  invalid: {
    "models/more.yml":
      "syncs:\n  - { name: again, model: customers, destination: crm, object: record, mode: upsert, mappings: [ { to: email, from: email }, { to: email, value: x } ] }",
  },
};
