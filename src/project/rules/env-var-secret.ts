import { secretReferences } from "../secrets.ts";
import { report, type ValidationRule } from "./rule.ts";
import { texts } from "./texts.ts";

/** A variable that SQL may read and that is a secret too: it would end up in compiled queries (decision 50). */
export const envVarSecret: ValidationRule = {
  code: "E331",
  severity: "error",
  *check({ project, documents }) {
    if (project.envVars.length === 0) return;
    for (const document of documents) {
      for (const { value, path } of texts(document)) {
        for (const reference of secretReferences(value)) {
          if (!("kind" in reference) || reference.kind !== "env" || !project.envVars.includes(reference.name)) continue;
          yield report(
            envVarSecret,
            `${reference.name} is a secret here and stands in env_vars: queries would show it`,
            document.at(path),
            "take it out of env_vars, or use another variable",
          );
        }
      }
    }
  },
  valid: {},
  invalid: {
    "millrace.yml":
      "version: 1\nname: shop\nvars: { history_start: x }\nenv_vars: [HOOK_SECRET]\nenvironments: { dev: { warehouse: { type: duckdb, seeds: seeds }, destinations: { '*': { use: file } } } }",
    "destinations/crm.yml":
      "destination: crm\ntype: webhook\nconfig: { url: 'https://crm.example.com/hook' }\ncredentials: { secret: '${env:HOOK_SECRET}' }",
  },
};
