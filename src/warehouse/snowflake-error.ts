import { failure, MillraceError } from "../errors.ts";
import { cut, withoutValues } from "./masked-line.ts";
import { thinCause } from "./thin-cause.ts";

/** What the driver tells of an error; `code` is Snowflake's own as text, or the driver's as a number. */
interface SdkError {
  readonly code: string;
  readonly sqlState: string;
  readonly message: string;
}

interface Known {
  readonly code: string;
  readonly hint: string;
  /** Instead of Snowflake's words. */
  readonly message?: string;
}

const unreachable: Known = {
  code: "E735",
  message: "Snowflake cannot be reached",
  hint: "check `account` (organization-account), and that this machine may reach Snowflake's hosts",
};
const noAccount: Known = {
  code: "E735",
  message: "`account` is not of the form organization-account",
  hint: "write acme-eu for https://acme-eu.snowflakecomputing.com: no address, and no dots but those of an older region",
};
const refused: Known = {
  code: "E736",
  hint: "check `user`, and how it signs in; DESCRIBE USER … says whether it is disabled or locked",
};
const wrongKey: Known = {
  code: "E736",
  hint: "the key's public half belongs on that user (ALTER USER … SET RSA_PUBLIC_KEY), `user` and `account` must be theirs, and this machine's clock right",
};
const wrongToken: Known = {
  code: "E736",
  hint: "get a token for this account, user and role: `connection.token` is of another, or was cut",
};
const notFromHere: Known = {
  code: "E736",
  hint: "a network policy of Snowflake does not know this machine's address: have it added, or run where it is known",
};
const needsMore: Known = {
  code: "E736",
  hint: "a password alone is not enough for this user: give it TYPE = SERVICE and a key pair",
};
const noDatabase: Known = {
  code: "E742",
  hint: "check `database`, and that the role may use it: `millrace grants` prints what it needs",
};
const expired: Known = { code: "E737", hint: "get a new token and run again: what was sent is known" };
const noWarehouse: Known = {
  code: "E738",
  hint: "name a `warehouse` that is there and that the role may use (GRANT USAGE ON WAREHOUSE …)",
};
const notGranted: Known = {
  code: "E739",
  hint: "grant the role what it lacks: `millrace grants` prints all that it needs",
};
const noRole: Known = {
  code: "E739",
  hint: "check `role`, and that the user has it (GRANT ROLE … TO USER …)",
};
const stopped: Known = {
  code: "E741",
  hint: "another session holds the table, or the statement took longer than its time-out: run again when it is free",
};

/** By Snowflake's number (docs.snowflake.com/en/user-guide/client-connectivity-troubleshooting) or the driver's (its error_code). */
const known: Readonly<Record<string, Known>> = {
  401001: unreachable,
  401002: unreachable,
  401003: unreachable,
  402001: unreachable,
  402002: unreachable,
  390100: refused,
  390101: refused,
  390102: refused,
  390144: wrongKey,
  390303: wrongToken,
  390420: notFromHere,
  390422: notFromHere,
  394300: wrongKey,
  394301: wrongKey,
  394302: wrongKey,
  394303: wrongKey,
  394304: wrongKey,
  394400: needsMore,
  404007: noAccount,
  404008: noAccount,
  404045: noAccount,
  390110: expired,
  390111: expired,
  390112: expired,
  390114: expired,
  390318: expired,
  401004: expired,
  407002: expired,
  "000606": noWarehouse,
  "090105": noDatabase,
  "090106": noDatabase,
  390189: noRole,
  "003001": notGranted,
  "003003": notGranted,
  "000604": stopped,
  "000625": stopped,
  "000630": stopped,
};

/**
 * Snowflake's or the driver's error as ours: E735 to E741 for what an environment's settings can mend, E701 for the rest.
 *
 * Only words about the statement are kept; what may be a row's value is replaced by `…`. Its words are the cause.
 */
export function snowflakeError(error: unknown, doing?: string): MillraceError {
  if (error instanceof MillraceError) return error;
  const told = toldBy(error);
  const { code, hint, message } = known[told.code] ?? byWords(told);
  const words = message ?? firstLine(told, code === "E701");
  return failure(code, doing === undefined ? words : `${doing}: ${words}`, {
    ...(hint === undefined ? {} : { hint }),
    cause: thinCause(error),
  });
}

/** Where one number stands for several things. */
function byWords({ code, message }: SdkError): Partial<Known> & Pick<Known, "code"> {
  // 390201: what the login asks for; 002003 and 002043: what a statement names.
  if (/\bwarehouse\b/i.test(message) && code === "390201") return noWarehouse;
  if (code === "390201") return noDatabase;
  if (/^00(2003|2043)$/.test(code) && /^(SQL compilation error:\s*)?database '/i.test(message)) return noDatabase;
  return { code: "E701" };
}

function toldBy(error: unknown): SdkError {
  const found = (typeof error === "object" && error !== null ? error : {}) as Partial<Record<keyof SdkError, unknown>>;
  return {
    code: String(found.code ?? ""),
    sqlState: String(found.sqlState ?? ""),
    message: String(found.message ?? error),
  };
}

/** `SQL compilation error:` says what on its second line. An error about data may go on with the row: only its first line is kept, masked. */
function firstLine({ message, sqlState }: SdkError, mayHoldValues: boolean): string {
  const [first = "", second = ""] = message
    .replace(/^\d{6} \(\w{5}\): /, "")
    .split("\n")
    .map((line) => line.trim());
  const ofSql = first.startsWith("SQL compilation error") || first.startsWith("SQL access control error");
  if (!ofSql) return cut(mayHoldValues && !/^(42|02)/.test(sqlState) ? withoutValues(first) : first);
  return cut(first.endsWith(":") ? `${first} ${second}` : [first, second].filter((line) => line !== "").join(": "));
}
