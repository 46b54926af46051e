import type { HttpResponse } from "./http.ts";
import type { Exchange } from "./index.ts";
import { chunks } from "./parts.ts";

/** More pages than any list of lists has: a cursor that never ends is a broken answer. */
const mostPages = 1000;

/**
 * All items of a list that comes in pages; the answer itself where one is not readable. `next`: the cursor of the page after
 * this one, undefined at the end.
 */
export function* paged<T>(
  page: (cursor: string | undefined) => Exchange<HttpResponse>,
  items: (response: HttpResponse) => readonly T[] | undefined,
  next: (response: HttpResponse) => string | undefined,
): Exchange<readonly T[] | HttpResponse> {
  const found: T[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < mostPages; pages++) {
    const response: HttpResponse = yield* page(cursor);
    const some = items(response);
    if (!Array.isArray(some)) return response;
    found.push(...some);
    const after = next(response);
    // Platforms say "no more" with null too.
    if ((after ?? "") === "" || after === cursor) return found;
    cursor = after;
  }
  return found;
}

/** The same for pages that are asked for by how many items come before them; one that holds fewer than `size` is the last. */
export function* pagedByOffset<T>(
  size: number,
  page: (offset: number) => Exchange<HttpResponse>,
  items: (response: HttpResponse) => readonly T[] | undefined,
): Exchange<readonly T[] | HttpResponse> {
  let offset = 0;
  return yield* paged(
    () => page(offset),
    items,
    (response) => ((items(response)?.length ?? 0) < size ? undefined : String((offset += size))),
  );
}

/**
 * Values and what the platform knows them by, asked for `size` at a time, each value once; the answer itself where one is
 * not readable. Blank and absent values are not asked for.
 */
export function* idsInChunks(
  values: Iterable<string | undefined>,
  size: number,
  ask: (some: readonly string[]) => Exchange<HttpResponse>,
  pairs: (response: HttpResponse) => Iterable<readonly [value: string, id: string]> | undefined,
): Exchange<Map<string, string> | HttpResponse> {
  const wanted = new Set<string>();
  for (const value of values) if (value !== undefined && value !== "") wanted.add(value);
  const found = new Map<string, string>();
  for (const some of chunks([...wanted], size)) {
    const response = yield* ask(some);
    const known = pairs(response);
    if (known === undefined) return response;
    for (const [value, id] of known) found.set(value, id);
  }
  return found;
}
