import { expect, it } from "vitest";
import {
  accepted,
  deferred,
  type Effect,
  matchRateOf,
  type Outcome,
  rejectedEach,
  requestFate,
  unknown,
} from "../../src/destination/index.ts";

function fate(status: number, body: unknown) {
  const effects: Effect[] = [];
  const exchange = requestFate({ status, headers: {}, body, text: "" }, () => unknown("otherwise"));
  let step = exchange.next();
  while (step.done !== true) {
    effects.push(step.value);
    step = exchange.next();
  }
  return { outcome: step.value, effects };
}
const told = (requestStatus: string, errorCounts?: readonly object[], more: object = {}) =>
  fate(200, {
    requestStatusPerDestination: [{ requestStatus, ...(errorCounts && { errorInfo: { errorCounts } }), ...more }],
  });
const count = (reason: string, recordCount = "3") => ({ reason: `PROCESSING_ERROR_REASON_${reason}`, recordCount });

it.each<[string, readonly object[] | undefined, Outcome | undefined]>([
  ["SUCCESS", undefined, accepted()],
  ["PARTIAL_SUCCESS", [count("NO_CONSENT")], accepted()],
  ["PROCESSING", undefined, undefined],
  ["FAILED", [count("DUPLICATE_TRANSACTION_ID"), count("DUPLICATE_GCLID")], accepted()],
  ["FAILED", [count("INTERNAL_ERROR")], deferred("Google failed to work on the request")],
  ["FAILED", [count("NO_CONSENT")], rejectedEach("NO_CONSENT", "Google took none of the rows: NO_CONSENT")],
  ["FAILED", undefined, rejectedEach("FAILED", "Google took none of the rows: it gives no reason")],
  ["REQUEST_STATUS_UNKNOWN", undefined, unknown("broken answer: no status of the request")],
])("takes %s with %j for %j", (status, counts, outcome) => {
  expect(told(status, counts).outcome).toEqual(outcome);
});

it("reports the counts by reason", () => {
  expect(told("PARTIAL_SUCCESS", [count("NO_CONSENT"), count("INVALID_FORMAT", "1")]).effects).toEqual([
    { report: { name: "NO_CONSENT", value: 3 } },
    { report: { name: "INVALID_FORMAT", value: 1 } },
  ]);
});

it.each([
  ["MATCH_RATE_RANGE_61_TO_70", 0.61],
  ["MATCH_RATE_RANGE_LESS_THAN_20", 0],
  ["MATCH_RATE_RANGE_NOT_ELIGIBLE", undefined],
])("takes %s for a match rate of %s at least", (uploadMatchRateRange, matchRate) => {
  const ingested = { audienceMembersIngestionStatus: { userDataIngestionStatus: { uploadMatchRateRange } } };
  expect(told("SUCCESS", undefined, ingested).effects).toEqual(
    matchRate === undefined ? [] : [{ measured: { matchRate } }],
  );
});

it("reads the ranges of Google Ads too", () => {
  expect(["MATCH_RANGE_91_TO_100", "MATCH_RANGE_LESS_THAN_20", undefined].map(matchRateOf)).toEqual([
    0.91,
    0,
    undefined,
  ]);
});

it("tells a request that is forgotten, and leaves other answers to the caller", () => {
  const details = [{ reason: "INVALID_REQUEST_ID" }];
  for (const [status, body] of [
    [400, { error: { details } }],
    [404, {}],
  ] as const)
    expect(fate(status, body).outcome).toBe("forgotten");
  expect(fate(500, {}).outcome).toEqual(unknown("otherwise"));
});
