import type { Outcome } from "../core.ts";
import type { HttpResponse } from "./http.ts";
import type { Exchange } from "./index.ts";

/** The last answer, absent when no row was left to send, and the rows that are refused, by their place among all rows. */
export interface Unspoilt {
  readonly response?: HttpResponse;
  readonly refused: ReadonlyMap<number, Outcome>;
}

/**
 * For platforms that take a request as a whole or refuse it naming the rows that spoil it: the others are sent again without
 * them. `spoilers` tells of an answer which of the rows of its request are refused and why, nothing where it names none.
 */
export function* withoutSpoilers<T>(
  items: readonly T[],
  send: (some: readonly T[]) => Exchange<HttpResponse>,
  spoilers: (response: HttpResponse) => Iterable<readonly [place: number, outcome: Outcome]>,
): Exchange<Unspoilt> {
  const refused = new Map<number, Outcome>();
  let rows = [...items.entries()];
  while (rows.length > 0) {
    const response = yield* send(rows.map(([, item]) => item));
    for (const [place, outcome] of spoilers(response)) {
      const row = rows[place]?.[0];
      if (row !== undefined && !refused.has(row)) refused.set(row, outcome);
    }
    const rest = rows.filter(([row]) => !refused.has(row));
    if (rest.length === rows.length) return { response, refused };
    rows = rest;
  }
  return { refused };
}
