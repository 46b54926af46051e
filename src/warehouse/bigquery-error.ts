import { failure, MillraceError } from "../errors.ts";
import { signInProblem, type SignInTold } from "./bigquery-sign-in.ts";
import { thinCause } from "./thin-cause.ts";

/** What the REST API, the gRPC client and the network say of an error. */
interface Told extends SignInTold {
  readonly errors?: readonly { readonly reason?: string; readonly message?: string }[];
}

/** Messages that speak of the statement and never of rows; in all others what may be a value is replaced. */
const speaksOfSql =
  /^(Syntax error|Unrecognized name|Not found|Already Exists|Access Denied|No matching signature|Function not found|Table .* (not found|must be qualified)|Query column|Column |Query error: (Table|Column)|Unexpected|SELECT|Aggregate|Field name|Invalid project|Dataset|Quota exceeded|Query exceeded|Exceeded rate|Transaction is aborted|Could not serialize|Parser Error|Binder Error|Catalog Error)/i;

const conflict =
  /concurrent (update|transaction)|aborted due to concurrent|could not serialize access|transaction is aborted/i;

const signInAnew = [
  "E723",
  "sign in anew (`gcloud auth application-default login`) or check the service account's key",
] as const;

/** By the API's reason; https://cloud.google.com/bigquery/docs/error-messages */
const byReason: Readonly<Record<string, readonly [code: string, hint: string]>> = {
  accessDenied: ["E721", "grant the account what the message names: `millrace grants` prints all that it needs"],
  notFound: [
    "E722",
    "check `project`, `dataset` and `location`: a dataset is found only in the location it was made in",
  ],
  authError: signInAnew,
  required: signInAnew,
  bytesBilledLimitExceeded: ["E724", "raise `max_bytes_billed`, or read less: partitions, clusters, fewer columns"],
  quotaExceeded: ["E725", "wait, or raise the quota of the project in the console"],
  rateLimitExceeded: ["E725", "wait, or raise the quota of the project in the console"],
  billingNotEnabled: ["E721", "enable billing for the project"],
  resourcesExceeded: ["E727", "the statement is too large for one go: sort less, or cut the model in parts"],
  responseTooLarge: ["E727", "the statement is too large for one go: sort less, or cut the model in parts"],
  backendError: ["E726", "BigQuery is not well: run again"],
  internalError: ["E726", "BigQuery is not well: run again"],
  jobBackendError: ["E726", "BigQuery is not well: run again"],
  stopped: ["E729", "the job was cancelled by somebody"],
  timeout: ["E726", "run again"],
};

/** BigQuery's error as ours, one line, values of rows replaced by `…`; the words of BigQuery's own error are the cause. */
export function bigqueryError(error: unknown, doing?: string): MillraceError {
  if (error instanceof MillraceError) return error;
  const told = (typeof error === "object" && error !== null ? error : {}) as Told;
  const problem = signInProblem(told);
  if (problem !== null) {
    const { code, message, hint } = problem;
    return failure(code, doing === undefined ? message : `${doing}: ${message}`, { hint, cause: thinCause(error) });
  }
  const text = told.errors?.[0]?.message ?? told.message ?? String(error);
  const line = firstLine(text);
  const message = doing === undefined ? line : `${doing}: ${line}`;
  const [code, hint] = kindOf(told, text);
  return failure(code, message, { ...(hint === undefined ? {} : { hint }), cause: thinCause(error) });
}

/** True where another program wrote the same table at the same time: nothing was done, and trying again may do it. */
export function isConflict(error: unknown): boolean {
  return error instanceof MillraceError && error.diagnostics.some(({ code }) => code === "E728");
}

function kindOf(told: Told, text: string): readonly [code: string, hint?: string] {
  if (conflict.test(text)) return ["E728", "another program wrote the same table: run again"];
  if (/unauthenticated/i.test(text)) return signInAnew;
  if (
    /^(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|EPIPE)$/.test(String(told.code)) ||
    /fetch failed|socket hang up|ECONNREFUSED|ENOTFOUND/.test(text)
  )
    return ["E726", "BigQuery cannot be reached from here: check the network and the proxy"];
  const reason = told.errors?.[0]?.reason ?? "";
  const known = byReason[reason];
  if (known !== undefined) return known;
  const byStatus: Readonly<Record<string, string>> = {
    401: "authError",
    403: "accessDenied",
    404: "notFound",
    500: "backendError",
    502: "backendError",
    503: "backendError",
  };
  const status = reason === "" || reason === "invalid" ? byStatus[String(told.code)] : undefined;
  return (status === undefined ? undefined : byReason[status]) ?? ["E720"];
}

/** The first line of a message, cut at 300 characters, without values of rows and without keys. */
export function firstLine(text: string): string {
  const line = (text.split("\n", 1)[0] ?? "").trim();
  const shown = speaksOfSql.test(line) ? withoutTexts(line) : withoutValues(line);
  return shown.length > 300 ? `${shown.slice(0, 299)}…` : shown;
}

/** Of a message about SQL: a text of the statement itself is not shown. */
const withoutTexts = (line: string): string => line.replace(/(string literal )(?:'[^']*'|"[^"]*")/gi, "$1'…'");

/** `Bad int64 value: marie at [1:8]` -> `Bad int64 value: … at [1:8]`. */
function withoutValues(line: string): string {
  const [, said = line, place = ""] = /^([^]*?)( at \[\d+:\d+\])?$/.exec(line) ?? [];
  const cut = said.replace(/^([A-Za-z][\w ]*: (?:[A-Z][\w ]*: )?)([^]*)$/, (_, head: string, rest: string) =>
    /\b(value|timestamp|date|datetime|time|numeric|string|literal|input|zero|overflow)\b[\w ]*: $/i.test(head)
      ? `${head}…`
      : `${head}${masked(rest)}`,
  );
  return `${cut === said ? masked(said) : cut}${place}`;
}

function masked(text: string): string {
  return text
    .replace(/'(?:[^'\\]|\\.|'')*'/g, "'…'")
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\S+@\S+/g, "…")
    .replace(/(?<![A-Za-z0-9_])-?\d[\d.:+-]*/g, "…");
}
