import type { OptionSpec } from "./command.ts";
import type { ColourMode } from "./terminal.ts";
import { usage, wholeNumber } from "./usage.ts";

/** Flags that every command takes, before or after its name; secrets are never flags. */
export const globalOptions: readonly OptionSpec[] = [
  {
    flags: "-e, --env <name>",
    describe: "environment (default: default_environment of millrace.yml)",
    variable: "MILLRACE_ENV",
  },
  {
    flags: "-C, --project-dir <dir>",
    describe: "default: nearest folder upwards with millrace.yml",
    variable: "MILLRACE_PROJECT_DIR",
  },
  {
    flags: "-s, --select <selector>",
    describe: "what to work on: names, tag:…, state:modified, +graph+ (repeatable)",
    repeat: true,
  },
  { flags: "--exclude <selector>", describe: "what to leave out", repeat: true },
  { flags: "--selector <name>", describe: "a named selector of selectors.yml" },
  { flags: "--state <dir>", describe: "manifest of an earlier run, for state: selectors" },
  { flags: "--allow-empty", describe: "an empty selection is fine" },
  { flags: "--json", describe: "one JSON document on stdout" },
  { flags: "--log-format <format>", describe: "of stderr", choices: ["text", "json"], variable: "MILLRACE_LOG_FORMAT" },
  {
    flags: "--log-level <level>",
    describe: "what to tell",
    choices: ["debug", "info", "warn", "error"],
    variable: "MILLRACE_LOG_LEVEL",
  },
  { flags: "-v, --verbose", describe: "tell more; twice for everything", repeat: true },
  { flags: "-q, --quiet", describe: "tell only warnings and errors" },
  {
    flags: "--color <when>",
    describe: "auto, always or never; NO_COLOR and FORCE_COLOR are honoured",
    choices: ["auto", "always", "never"],
  },
  { flags: "-y, --yes", describe: "answer questions with yes; guards still stop" },
  { flags: "--no-input", describe: "never ask", variable: "MILLRACE_NO_INPUT" },
  { flags: "--threads <n>", describe: "syncs at the same time", variable: "MILLRACE_THREADS" },
  { flags: "-x, --fail-fast", describe: "stop after the first failure" },
  { flags: "--warn-error <codes>", describe: "warnings become errors: all, or --warn-error=W310,W311" },
  { flags: "--vars <k=v>", describe: "template variables", repeat: true },
  { flags: "--vars-file <file>", describe: "template variables from a YAML or JSON file" },
  { flags: "--target-dir <dir>", describe: "artifacts (default: target)", variable: "MILLRACE_TARGET_DIR" },
];

export interface Globals {
  readonly environment: string | undefined;
  readonly projectFolder: string | undefined;
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly selector: string | undefined;
  readonly state: string | undefined;
  readonly allowEmpty: boolean;
  readonly json: boolean;
  readonly logFormat: "text" | "json";
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** 0, 1 for -v, 2 for -vv. */
  readonly verbosity: number;
  readonly color: ColourMode;
  readonly yes: boolean;
  readonly input: boolean;
  readonly threads: number | undefined;
  readonly failFast: boolean;
  /** Codes of warnings to treat as errors, `all`, or none. */
  readonly warnError: readonly string[] | "all";
  readonly vars: Readonly<Record<string, string>>;
  readonly varsFile: string | undefined;
  readonly targetFolder: string;
}

/** Reads the global flags as commander left them, over the environment's variables; throws E001 for a value out of form. */
export function readGlobals(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Globals {
  const raw = withVariables(flags, env);
  const text = (name: string): string | undefined => (typeof raw[name] === "string" ? raw[name] : undefined);
  const list = (name: string): readonly string[] => (Array.isArray(raw[name]) ? raw[name].map(String) : []);
  const verbosity = list("verbose").length;
  const level = raw["quiet"] === true ? "warn" : verbosity > 0 ? "debug" : "info";
  return {
    environment: text("env"),
    projectFolder: text("projectDir"),
    select: words(list("select")),
    exclude: words(list("exclude")),
    selector: text("selector"),
    state: text("state"),
    allowEmpty: raw["allowEmpty"] === true,
    json: raw["json"] === true,
    logFormat: text("logFormat") === "json" ? "json" : "text",
    logLevel: (text("logLevel") as Globals["logLevel"] | undefined) ?? level,
    verbosity,
    color: (text("color") as ColourMode | undefined) ?? "auto",
    yes: raw["yes"] === true,
    input: raw["input"] !== false,
    threads: text("threads") === undefined ? undefined : wholeNumber("--threads", text("threads")!, 1),
    failFast: raw["failFast"] === true,
    warnError: warnErrorCodes(text("warnError")),
    vars: Object.fromEntries(list("vars").map(assignment)),
    varsFile: text("varsFile"),
    targetFolder: text("targetDir") ?? "target",
  };
}

/** `-s "a b" -s c` is a, b, c: every word is one selector. */
function words(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(/\s+/).filter((word) => word !== ""));
}

function warnErrorCodes(value: string | undefined): readonly string[] | "all" {
  if (value === undefined) return [];
  return value === "all" ? "all" : value.split(",").map((code) => code.trim());
}

function assignment(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at < 1)
    throw usage(`--vars ${JSON.stringify(text)} is not name=value`, "write --vars as_of=2026-01-31T00:00:00Z");
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Variables fill in for flags that were not given; what a flag would refuse, its variable may not say either. */
function withVariables(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, unknown>> {
  const filled: Record<string, unknown> = { ...flags };
  for (const { flags: text, variable, choices } of globalOptions) {
    const value = variable === undefined ? undefined : env[variable];
    if (value === undefined || value === "") continue;
    if (text === "--no-input") filled["input"] = false;
    const name = /--([a-z-]+) </.exec(text)?.[1]?.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    if (name === undefined || filled[name] !== undefined) continue;
    if (choices !== undefined && !choices.includes(value))
      throw usage(`${variable} is ${JSON.stringify(value)}`, `it takes ${choices.join(", ")}`);
    filled[name] = value;
  }
  return filled;
}
