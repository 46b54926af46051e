import { templateOf } from "../graph.ts";
import { sqlTexts } from "../sql-texts.ts";
import { quoteText } from "../suggest.ts";
import { callsOf } from "../template.ts";
import { report, type ValidationRule } from "./rule.ts";

/** env_var() of a name that millrace.yml does not list (decision 50): a cloned project must not read the environment. */
export const envVarList: ValidationRule = {
  code: "E216",
  severity: "error",
  *check({ project }) {
    for (const { sql, file } of sqlTexts(project)) {
      for (const call of callsOf(templateOf(sql))) {
        if (call.word !== "env_var" || project.envVars.includes(call.name)) continue;
        yield report(
          envVarList,
          `env_var(${quoteText(call.name)}) is not listed in millrace.yml`,
          { file, line: call.line, column: call.column, length: call.length },
          `env_vars: [${[...project.envVars, call.name].join(", ")}]`,
        );
      }
    }
  },
  valid: {},
  invalid: { "models/more.sql": "select '{{ env_var('HOME') }}' as a" },
};
