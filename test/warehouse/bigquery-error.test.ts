import { expect, it, test } from "vitest";
import { bigqueryError, isConflict } from "../../src/warehouse/bigquery-error.ts";

const api = (code: number, reason: string, message: string): object => ({
  code,
  message,
  errors: [{ reason, message }],
});

// What the API answers: https://cloud.google.com/bigquery/docs/error-messages; words of messages as users quote them.
test.each<[string, object, string]>([
  [
    "a syntax error",
    api(400, "invalidQuery", 'Syntax error: Expected end of input but got identifier "SELEC" at [1:1]'),
    'E720: Syntax error: Expected end of input but got identifier "SELEC" at [1:1]',
  ],
  [
    "a text inside a syntax error",
    api(400, "invalidQuery", 'Syntax error: Unexpected string literal "marie@example.com" at [1:8]'),
    "E720: Syntax error: Unexpected string literal '…' at [1:8]",
  ],
  ["a value", api(400, "invalidQuery", "Bad int64 value: marie@example.com"), "E720: Bad int64 value: …"],
  [
    "a value with spaces",
    api(400, "invalidQuery", "Invalid timestamp: 'Marie Durand 12'"),
    "E720: Invalid timestamp: …",
  ],
  [
    "a literal",
    api(400, "invalidQuery", 'Could not cast literal "Marie Durand" to type INT64 at [1:8]'),
    'E720: Could not cast literal "…" to type INT64 at [1:8]',
  ],
  ["numbers", api(400, "invalidQuery", "division by zero: 4711 / 0"), "E720: division by zero: …"],
  [
    "words of the user's own ERROR()",
    api(400, "invalidQuery", "no consent of marie@example.com"),
    "E720: no consent of …",
  ],
  [
    "no table",
    api(404, "notFound", "Not found: Table shop:crm.customers was not found in location EU"),
    "E722: Not found: Table shop:crm.customers was not found in location EU",
  ],
  [
    "no rights",
    api(
      403,
      "accessDenied",
      "Access Denied: Project shop: User does not have bigquery.jobs.create permission in project shop.",
    ),
    "E721: Access Denied: Project shop: User does not have bigquery.jobs.create permission in project shop.",
  ],
  [
    "a status alone",
    { code: 401, message: "Request had invalid authentication credentials." },
    "E723: Request had invalid authentication credentials.",
  ],
  [
    "the limit of bytes",
    api(
      400,
      "bytesBilledLimitExceeded",
      "Query exceeded limit for bytes billed: 1000000. 10485760 or higher required.",
    ),
    "E724: Query exceeded limit for bytes billed: 1000000. 10485760 or higher required.",
  ],
  [
    "a quota",
    api(403, "quotaExceeded", "Quota exceeded: Your project exceeded quota for imports or query appends per table."),
    "E725: Quota exceeded: Your project exceeded quota for imports or query appends per table.",
  ],
  [
    "memory",
    api(400, "resourcesExceeded", "Resources exceeded during query execution"),
    "E727: Resources exceeded during query execution",
  ],
  [
    "a conflict",
    api(400, "invalidQuery", "Transaction is aborted due to concurrent update against table shop:ledger.state__vip."),
    "E728: Transaction is aborted due to concurrent update against table shop:ledger.state__vip.",
  ],
  [
    "a serialization failure",
    api(400, "invalidQuery", "Could not serialize access to table shop:ledger.sent__vip due to concurrent update"),
    "E728: Could not serialize access to table shop:ledger.sent__vip due to concurrent update",
  ],
  [
    "a cancelled job",
    api(400, "stopped", "Job execution was cancelled: User requested cancellation"),
    "E729: Job execution was cancelled: User requested cancellation",
  ],
  [
    "no network",
    Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:443"), { code: "ECONNREFUSED" }),
    "E726: connect ECONNREFUSED …",
  ],
  [
    "several lines",
    { code: 400, message: "Unrecognized name: emial at [1:8]\nmarie@example.com" },
    "E720: Unrecognized name: emial at [1:8]",
  ],
])("%s", (_, told, message) => {
  expect(bigqueryError(told).message).toBe(message);
});

it("tells conflicts, which may be tried again, from everything else", () => {
  const conflict = bigqueryError(
    api(400, "invalidQuery", "Transaction is aborted due to concurrent update against table a:b.c."),
  );
  expect([
    isConflict(conflict),
    isConflict(bigqueryError(api(404, "notFound", "Not found"))),
    isConflict(new Error("concurrent update")),
  ]).toEqual([true, false, false]);
});
