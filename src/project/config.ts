/** millrace.yml and the command's own words (--env, --vars) as the settings of a run. */
import type { Diagnostic, Json } from "../core.ts";
import { chooseEnvironment, parseAsOf } from "./environment.ts";
import { toDiagnostics } from "./issues.ts";
import { wording } from "./schema/common.ts";
import { millraceSchema, type EnvironmentSpec, type MillraceSpec } from "./schema/millrace.ts";
import { didYouMean, quoteText } from "./suggest.ts";
import type { YamlFile } from "./yaml.ts";

export interface Settings {
  readonly spec: MillraceSpec;
  readonly environment: { readonly name: string; readonly spec: EnvironmentSpec };
  readonly vars: Readonly<Record<string, Json>>;
}

export interface Asked {
  readonly environment?: string;
  readonly vars?: Readonly<Record<string, Json>>;
  readonly now: number;
}

/** The settings, or null with every reason. */
export function readSettings(file: YamlFile, asked: Asked, diagnostics: Diagnostic[]): Settings | null {
  diagnostics.push(...file.problems);
  if (file.value === undefined) return null;
  const parsed = millraceSchema.safeParse(file.value, { error: wording });
  if (!parsed.success) {
    diagnostics.push(
      ...toDiagnostics(parsed.error.issues, { file, base: [], name: "millrace.yml", value: file.value }),
    );
    return null;
  }
  const spec = parsed.data;
  const environment = chooseEnvironment(spec, asked.environment);
  if (environment === null) diagnostics.push(unknownEnvironment(spec, asked.environment, file));
  const asOf = parseAsOf(asked.vars?.["as_of"] ?? new Date(asked.now).toISOString(), spec.timezone);
  if (asOf === null) {
    diagnostics.push({
      code: "E012",
      severity: "error",
      message: `--vars as_of=${String(asked.vars?.["as_of"]).slice(0, 60)} is no time`,
      hint: "a date like 2026-01-31, or a timestamp like 2026-01-31T06:00:00Z",
    });
  }
  const chosen = environment === null ? undefined : spec.environments[environment];
  if (environment === null || chosen === undefined || asOf === null) return null;
  return { spec, environment: { name: environment, spec: chosen }, vars: { ...spec.vars, ...asked.vars, as_of: asOf } };
}

function unknownEnvironment(spec: MillraceSpec, asked: string | undefined, file: YamlFile): Diagnostic {
  const names = Object.keys(spec.environments);
  if (asked !== undefined) {
    const hint = didYouMean(asked, names, "environments of millrace.yml");
    return {
      code: "E011",
      severity: "error",
      message: `no environment is called ${quoteText(asked)}`,
      ...(hint !== undefined && { hint }),
    };
  }
  const wanted = spec.default_environment;
  const hint =
    wanted === undefined ? `default_environment: ${names[0] ?? "dev"}` : didYouMean(wanted, names, "environments");
  return {
    code: "E011",
    severity: "error",
    at: file.at(
      wanted === undefined ? ["environments"] : ["default_environment"],
      wanted === undefined ? "key" : "value",
    ),
    message:
      wanted === undefined
        ? "several environments and none is the default"
        : `the default environment ${quoteText(wanted)} does not exist`,
    ...(hint !== undefined && { hint }),
  };
}
