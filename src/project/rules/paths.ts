import { duckdbOf } from "../duckdb-spec.ts";
import path from "node:path";
import type { Location } from "../../core.ts";
import { quoteText } from "../suggest.ts";
import { report, type RuleContext, type ValidationRule } from "./rule.ts";

/** Paths that lead out of the project without leave (decision 51, S07), and files that are not there. */
export const paths: ValidationRule = {
  code: "E341",
  severity: "error",
  *check(context) {
    for (const { value, at } of named(context)) {
      const odd = value.includes("\0") || value.includes("\\") || /^[a-z]:/i.test(value);
      if (odd || !context.contains(value))
        yield report(
          paths,
          `the path ${quoteText(value)} leads outside the project`,
          at,
          `allow_paths: [${JSON.stringify(path.posix.dirname(value))}] in millrace.yml, if it is meant`,
        );
    }
  },
  valid: {
    "models/more.yml": "sources:\n  - { name: files, tables: [ { name: orders, file: data/orders.parquet } ] }",
  },
  invalid: {
    "models/more.yml": "sources:\n  - { name: files, tables: [ { name: orders, file: ../orders.parquet } ] }",
  },
};

function* named({ project, documents }: RuleContext): Generator<{ readonly value: string; readonly at: Location }> {
  for (const source of project.sources.values()) {
    for (const [index, { file }] of source.spec.tables.entries())
      if (file !== undefined) yield { value: file, at: source.at(["tables", index, "file"]) };
  }
  for (const destination of project.destinations.values()) {
    const target = destination.spec.type === "file" ? destination.spec.config["path"] : undefined;
    if (typeof target === "string" && !destination.outbox)
      yield { value: target, at: destination.at(["config", "path"]) };
  }
  const main = documents.find(({ file }) => file === "millrace.yml");
  const { name } = project.environment;
  const duckdb = duckdbOf(project);
  for (const key of ["path", "seeds"] as const) {
    const value = duckdb[key];
    if (main && value !== undefined && value !== ":memory:" && name !== "")
      yield { value, at: main.at(["environments", name, "warehouse", key]) };
  }
}
