import { isMap } from "../schema/common.ts";
import { isReal } from "./real-destinations.ts";
import { report, type ValidationRule } from "./rule.ts";

/**
 * People are sent to a real platform and there is no privacy.yml: no purpose is asked (decision 17). Told once a project, and
 * only in an environment that may write to real platforms; `privacy: none` in millrace.yml says that it is meant.
 */
export const noPurpose: ValidationRule = {
  code: "W320",
  severity: "warning",
  *check({ project, documents, exists }) {
    const { name, prod, allowRealDestinations } = project.environment;
    // A broken millrace.yml has no environment, and problems enough.
    if (name === "") return;
    const main = documents.find(({ file }) => file === "millrace.yml");
    if (main === undefined || !isMap(main.value) || main.value["privacy"] !== undefined || exists("privacy.yml"))
      return;
    const real = [...project.syncs.values()].some(({ spec }) => {
      const destination = project.destinations.get(spec.destination);
      return destination !== undefined && isReal(destination);
    });
    if (real && (prod || allowRealDestinations))
      yield report(
        noPurpose,
        "no purpose and no consent is asked before people are sent: this project has no privacy.yml",
        main.at(["name"]),
        "privacy: none in millrace.yml says that this is meant",
      );
  },
  valid: { "millrace.yml": production("privacy: none") },
  invalid: { "millrace.yml": production("") },
};

function production(more: string): string {
  return [
    "version: 1",
    "name: shop",
    "vars: { history_start: '2020-01-01' }",
    "environments: { prod: { prod: true, warehouse: { type: duckdb, seeds: seeds/ } } }",
    more,
  ].join("\n");
}
