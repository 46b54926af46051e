import { namesInRule } from "../graph.ts";
import { quoteText } from "../suggest.ts";
import { report, type ValidationRule } from "./rule.ts";

/** Members of one model are compared with members of another: their keys mean different things (decision 69). */
export const otherModel: ValidationRule = {
  code: "E219",
  severity: "error",
  *check({ project }) {
    const find = (name: string) => project.segments.get(name) ?? project.audiences.get(name);
    for (const { spec, at } of [...project.segments.values(), ...project.audiences.values()]) {
      const inTree = spec.where
        ? namesInRule(spec.where).filter(({ kind, path }) => kind !== "model" && !path.includes("where"))
        : [];
      const mentioned = [
        ...inTree.map(({ name, path }) => ({ name, path: ["where", ...path] })),
        ...("exclude" in spec
          ? (spec.exclude as readonly string[]).map((name, index) => ({ name, path: ["exclude", index] }))
          : []),
      ];
      for (const { name, path } of mentioned) {
        const other = find(name);
        if (
          other &&
          other.spec.model !== spec.model &&
          project.models.has(other.spec.model) &&
          project.models.has(spec.model)
        ) {
          yield report(
            otherModel,
            `${quoteText(name)} chooses rows of "${other.spec.model}", and here rows of "${spec.model}" are chosen`,
            at(path),
            "a segment or audience of the same model",
          );
        }
      }
    }
  },
  valid: { "models/more.yml": "segments:\n  - { name: more, model: customers, where: { in_audience: french } }" },
  invalid: {
    "models/orders.sql": "select 1 as order_id",
    "models/more.yml":
      "models: [ { name: orders, primary_key: order_id } ]\nsegments:\n  - { name: more, model: orders, where: { in_audience: french } }",
  },
};
