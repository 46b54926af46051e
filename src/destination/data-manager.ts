/** What became of a request to Google's Data Manager API: developers.google.com/data-manager/api/devguides/diagnostics */
import type { Outcome } from "../core.ts";
import type { Effect } from "./effect.ts";
import type { HttpResponse } from "./http.ts";
import type { Exchange } from "./index.ts";
import { accepted, deferred, rejectedEach, unknown } from "./outcomes.ts";
import { rpcStatus } from "./rpc-status.ts";

/**
 * The fate of the rows of a request by the answer to `requestStatus:retrieve`; undefined while Google works on it,
 * `"forgotten"` where it knows no such request. Counts by reason name no rows: they are reported, and rows of a partial success count as taken. `otherwise`: of an answer that is
 * no status.
 */
export function* requestFate(
  response: HttpResponse,
  otherwise: (response: HttpResponse) => Outcome,
): Exchange<Outcome | undefined | "forgotten"> {
  const forgotten = rpcStatus(response.body?.error)?.reasons.includes("INVALID_REQUEST_ID") === true;
  if (forgotten || response.status === 404) return "forgotten";
  if (response.status !== 200) return otherwise(response);
  const found = response.body?.requestStatusPerDestination?.[0];
  const matchRate = matchRateOf(found?.audienceMembersIngestionStatus?.userDataIngestionStatus?.uploadMatchRateRange);
  if (matchRate !== undefined) yield { measured: { matchRate } } satisfies Effect;
  const reasons: string[] = [];
  for (const { reason, recordCount } of found?.errorInfo?.errorCounts ?? []) {
    const name = String(reason).replace(/^PROCESSING_ERROR_(REASON_)?/, "");
    reasons.push(name);
    yield { report: { name, value: Number(recordCount) } } satisfies Effect;
  }
  switch (found?.requestStatus) {
    case "PROCESSING":
      return undefined;
    case "SUCCESS":
    case "PARTIAL_SUCCESS":
      return accepted();
    case "FAILED":
      return failed(reasons);
    default:
      return unknown("broken answer: no status of the request");
  }
}

/** No row got through; conversions that Google has already did so earlier. */
function failed(reasons: readonly string[]): Outcome {
  if (reasons.length > 0 && reasons.every((reason) => reason.startsWith("DUPLICATE_"))) return accepted();
  if (reasons.includes("INTERNAL_ERROR")) return deferred("Google failed to work on the request");
  const [first = "FAILED"] = reasons;
  return rejectedEach(first, `Google took none of the rows: ${reasons.join(", ") || "it gives no reason"}`);
}

/** Lower bound of a range, `MATCH_RATE_RANGE_61_TO_70` (Google Ads: `MATCH_RANGE_…`) -> 0.61; undefined where none is told. */
export function matchRateOf(range: unknown): number | undefined {
  const words = String(range);
  if (words.endsWith("_LESS_THAN_20")) return 0;
  const low = /_(\d+)_TO_\d+$/.exec(words)?.[1];
  return low === undefined ? undefined : Number(low) / 100;
}
