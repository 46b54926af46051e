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
    cause: error,
  });
  expect(snowflakeError("odd").message).toBe("E701: odd");
});
