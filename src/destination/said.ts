import type { Exchange } from "./effect.ts";
import type { HttpResponse } from "./http.ts";

/**
 * What the answer of a request says, for `account`: a text or number as text. `pick` finds it in the body, which may be
 * anything. Undefined where the platform refused to answer or does not say it.
 */
export function* said(
  asked: Exchange<HttpResponse>,
  // oxlint-disable-next-line no-explicit-any -- the body of a response
  pick: (body: any) => unknown,
): Exchange<string | undefined> {
  const { status, body } = yield* asked;
  const found = status === 200 ? pick(body) : undefined;
  return (typeof found === "string" && found !== "") || typeof found === "number" ? String(found) : undefined;
}
