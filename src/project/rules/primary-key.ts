import { didYouMean, quoteText } from "../suggest.ts";
import { report, type ValidationRule } from "./rule.ts";

/** What is activated needs a primary key: the ledger remembers people by it. */
export const primaryKey: ValidationRule = {
  code: "E213",
  severity: "error",
  *check({ project }) {
    const users = [
      ...project.segments.values(),
      ...project.audiences.values(),
      ...[...project.syncs.values()].filter(({ spec }) => spec.model !== undefined),
    ];
    for (const { name, spec, at } of users) {
      const model = project.models.get(spec.model ?? "");
      if (model && model.spec.primary_key.length === 0)
        yield report(
          primaryKey,
          `${quoteText(name)} needs a primary_key on model "${model.name}"`,
          at(["model"]),
          `models: [ { name: ${model.name}, primary_key: … } ]`,
        );
    }
    for (const { spec, at } of project.audiences.values()) {
      const model = project.models.get(spec.model);
      for (const [index, test] of spec.tests.entries()) {
        if (test.type !== "contains" || !model) continue;
        for (const column of new Set(test.keys.flatMap((key) => Object.keys(key)))) {
          if (!model.spec.primary_key.includes(column))
            yield report(
              primaryKey,
              `contains takes the primary key of "${model.name}", not ${quoteText(column)}`,
              at(["tests", index, "contains"]),
              didYouMean(column, model.spec.primary_key, "its key"),
            );
        }
      }
    }
  },
  valid: {},
  invalid: {
    "models/more.sql": "select 1 as x",
    "models/more.yml": "audiences:\n  - { name: b, model: more, where: { field: x, is: 1 } }",
  },
};
