import { expect, it } from "vitest";
import {
  type HttpResponse,
  rejected,
  rejectedEach,
  rpcApi,
  rpcStatus,
  violatedRows,
} from "../../src/destination/index.ts";

const violation = { field: "events.events[1].user_data", description: "Bad hash.", reason: "INVALID_SHA256_FORMAT" };
const refusal = {
  code: 400,
  status: "INVALID_ARGUMENT",
  message: "There was a problem.",
  details: [
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "INVALID_ARGUMENT" },
    { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [violation] },
  ],
};
const adsFailure = {
  code: 3,
  message: "Multiple errors.",
  details: [
    {
      "@type": "type.googleapis.com/google.ads.googleads.v25.errors.GoogleAdsFailure",
      errors: [
        {
          errorCode: { offlineUserDataJobError: "INVALID_SHA256_FORMAT" },
          message: "Not SHA-256.",
          location: { fieldPathElements: [{ fieldName: "operations", index: 2 }, { fieldName: "create" }] },
        },
      ],
    },
  ],
};

it("gives the reasons of the violations before that of the request", () => {
  expect(rpcStatus(refusal)).toEqual({
    status: "INVALID_ARGUMENT",
    message: "There was a problem.",
    violations: [violation],
    reasons: ["INVALID_SHA256_FORMAT", "INVALID_ARGUMENT"],
  });
});

it("reads the failures of Google Ads the same way", () => {
  expect(rpcStatus(adsFailure)).toEqual({
    message: "Multiple errors.",
    violations: [{ field: "operations[2].create", description: "Not SHA-256.", reason: "INVALID_SHA256_FORMAT" }],
    reasons: ["INVALID_SHA256_FORMAT"],
  });
});

it("names rows by their place in a list", () => {
  expect(violatedRows(rpcStatus(refusal), "operations", "events")).toEqual([
    [1, rejectedEach("INVALID_SHA256_FORMAT", "Bad hash.")],
  ]);
  expect(violatedRows(rpcStatus(adsFailure), "operations")).toEqual([
    [2, rejectedEach("INVALID_SHA256_FORMAT", "Not SHA-256.")],
  ]);
  expect(violatedRows(rpcStatus(refusal), "vents")).toEqual([]);
  expect(violatedRows(undefined, "events")).toEqual([]);
});

it.each([[undefined], [null], ["text"], [7]])("finds no error in %j", (error) => {
  expect(rpcStatus(error)).toBeUndefined();
});

it.each([[{ details: 1 }], [{ details: [null, { fieldViolations: [null], errors: 5 }], message: 5 }], [[]]])(
  "reads %j without tripping",
  (error) => {
    expect(rpcStatus(error)).toEqual({ violations: [], reasons: [] });
  },
);

const api = rpcApi({
  base: () => "https://example.com",
  unmended: { TERMS: "sign them" },
  gone: ["NO_LIST"],
});
const answer = (status: number, reason: string): HttpResponse => {
  const error = { status: "INVALID_ARGUMENT", message: "No.", details: [{ reason }] };
  return { status, headers: {}, body: { error }, text: "" };
};

it("stops for what has to be mended and for targets that are gone, and refuses for the rest", () => {
  expect(() => api.outcome(answer(400, "TERMS"))).toThrow("E813: TERMS: No.");
  expect(() => api.outcome(answer(400, "NO_LIST"))).toThrow("E811: No.");
  expect(api.outcome(answer(400, "toString"))).toEqual(rejected("toString", "No."));
});
