import { expect, it } from "vitest";
import { snowflakeError } from "../../src/warehouse/snowflake-error.ts";

const told = (code: string | number, sqlState: string, message: string): string =>
  snowflakeError(Object.assign(new Error(message), { code, sqlState })).message;

// Messages as Snowflake writes them; numbers and states of its documentation.
it.each<[string, string, string, string]>([
  [
    "002003",
    "42S02",
    "SQL compilation error:\nObject 'SHOP.CUSTOMERS' does not exist or not authorized.",
    "E701: SQL compilation error: Object 'SHOP.CUSTOMERS' does not exist or not authorized.",
  ],
  [
    "000904",
    "42000",
    "SQL compilation error: error line 1 at position 7\ninvalid identifier 'NOPE'",
    "E701: SQL compilation error: error line 1 at position 7: invalid identifier 'NOPE'",
  ],
  [
    "001003",
    "42000",
    "SQL compilation error:\nsyntax error line 1 at position 0 unexpected 'SELEC'.",
    "E701: SQL compilation error: syntax error line 1 at position 0 unexpected 'SELEC'.",
  ],
  [
    "100038",
    "22018",
    "Numeric value 'marie@example.com' is not recognized",
    "E701: Numeric value '…' is not recognized",
  ],
  [
    "100090",
    "42P18",
    'Duplicate row detected during DML action\nRow Values: [12, "marie@example.com"]',
    "E701: Duplicate row detected during DML action",
  ],
  [
    "100071",
    "22000",
    'Failed to cast variant value "marie@example.com" to FIXED',
    'E701: Failed to cast variant value "…" to FIXED',
  ],
  [
    "100078",
    "22000",
    "String 'marie@example.com, 12 rue X' is too long and would be truncated",
    "E701: String '…' is too long and would be truncated",
  ],
  [
    "003001",
    "42501",
    "SQL access control error:\nInsufficient privileges to operate on schema 'LEDGER'",
    "E739: SQL access control error: Insufficient privileges to operate on schema 'LEDGER'",
  ],
  [
    "000606",
    "57P03",
    "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
    "E738: No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
  ],
  [
    "000630",
    "57014",
    "Statement reached its statement or warehouse timeout of 60 second(s) and was canceled.",
    "E741: Statement reached its statement or warehouse timeout of 60 second(s) and was canceled.",
  ],
  [
    "390100",
    "08001",
    "Incorrect username or password was specified.",
    "E736: Incorrect username or password was specified.",
  ],
  [
    "390144",
    "08001",
    "JWT token is invalid. [0ce9eb56-821d-4ca9-a774-04ae89a0cf5a]",
    "E736: JWT token is invalid. [0ce9eb56-821d-4ca9-a774-04ae89a0cf5a]",
  ],
  ["390318", "08001", "OAuth access token expired.", "E737: OAuth access token expired."],
])("%s %s", (code, sqlState, message, expected) => {
  expect(told(code, sqlState, message)).toBe(expected);
});

it("says what the driver's own numbers mean, and what was being done", () => {
  const error = Object.assign(new Error("Network error. Could not reach Snowflake."), { code: 401001 });
  expect(snowflakeError(error, "cannot connect to Snowflake")).toMatchObject({
    message: "E735: cannot connect to Snowflake: Snowflake cannot be reached",
    diagnostics: [{ code: "E735", hint: expect.stringMatching(/^check `account`/) as string }],
    cause: { message: error.message, code: 401001 },
  });
  expect(snowflakeError("odd").message).toBe("E701: odd");
});

// Recorded from snowflake-sdk 3.3 against a server that refuses the login: what the server says, and what the driver says by itself.
it.each<[string, string | number, string, string, RegExp]>([
  [
    "a key that is not the user's",
    "390144",
    "JWT token is invalid. [0ce9eb56-821d-4ca9-a774-04ae89a0cf5a]",
    "E736: JWT token is invalid. [0ce9eb56-821d-4ca9-a774-04ae89a0cf5a]",
    /RSA_PUBLIC_KEY.*clock/,
  ],
  [
    "a wrong user or password",
    "390100",
    "Incorrect username or password was specified.",
    "E736: Incorrect username or password was specified.",
    /`user`/,
  ],
  [
    "a token of somebody else",
    "390303",
    "Invalid OAuth access token. [abc]",
    "E736: Invalid OAuth access token. [abc]",
    /get a token for this account/,
  ],
  [
    "a token that has expired",
    "390318",
    "OAuth access token expired. [abc]",
    "E737: OAuth access token expired. [abc]",
    /new token/,
  ],
  [
    "a role that is not there or not the user's",
    "390189",
    "Role 'NOPE' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.",
    "E739: Role 'NOPE' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.",
    /GRANT ROLE/,
  ],
  [
    "a machine that is not let in",
    "390422",
    "Incoming request with IP/Token 192.0.2.7 is not allowed to access Snowflake. Contact your local security administrator.",
    "E736: Incoming request with IP/Token 192.0.2.7 is not allowed to access Snowflake. Contact your local security administrator.",
    /network policy/,
  ],
  [
    "a password where more is asked for",
    "394400",
    "Failed to authenticate: MFA authentication is required, but none of your current MFA methods are supported for programmatic authentication.",
    "E736: Failed to authenticate: MFA authentication is required, but none of your current MFA methods are supported for programmatic authentication.",
    /TYPE = SERVICE/,
  ],
  [
    "a database that is asked for",
    "390201",
    "The requested database does not exist or not authorized.",
    "E742: The requested database does not exist or not authorized.",
    /`database`/,
  ],
  [
    "a warehouse that is asked for",
    "390201",
    "The requested warehouse does not exist or not authorized.",
    "E738: The requested warehouse does not exist or not authorized.",
    /`warehouse`/,
  ],
  [
    "a session without its database",
    "090105",
    "Cannot perform SELECT. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.",
    "E742: Cannot perform SELECT. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.",
    /`database`/,
  ],
  [
    "a database that a statement names",
    "002003",
    "SQL compilation error:\nDatabase 'DHW' does not exist or not authorized.",
    "E742: SQL compilation error: Database 'DHW' does not exist or not authorized.",
    /`database`/,
  ],
  [
    "an account written as an address",
    404045,
    "Invalid account. The specified value must be a valid subdomain string.",
    "E735: `account` is not of the form organization-account",
    /acme-eu/,
  ],
  [
    "an account that is not there",
    401002,
    "Request to Snowflake failed.",
    "E735: Snowflake cannot be reached",
    /`account`/,
  ],
  [
    "a proxy's page",
    401001,
    "Unexpected token '<', \"<html>Prox\"... is not valid JSON",
    "E735: Snowflake cannot be reached",
    /`account`/,
  ],
])("%s", (_, code, message, expected, hint) => {
  const error = snowflakeError(Object.assign(new Error(message), { code }));
  expect(error.message).toBe(expected);
  expect(error.diagnostics[0]?.hint).toMatch(hint);
});

it("keeps nothing of the request on the cause", () => {
  const response = { config: { data: '{"data":{"PASSWORD":"invented"}}' } };
  const thrown = Object.assign(new Error("Request to Snowflake failed."), { code: 401002, response });
  expect(JSON.stringify(snowflakeError(thrown).cause, Object.getOwnPropertyNames(thrown))).not.toContain("invented");
  expect(Object.keys(snowflakeError(thrown).cause as Error)).toEqual(["code"]);
});
