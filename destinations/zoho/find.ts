import type { Change, Exchange, HttpResponse } from "millrace/destination";
import { chunks } from "millrace/destination";
import { api, type Ids, moduleOf, type Where } from "./api.ts";

/** What a record is found by. */
const matchOf = ({ identifiers }: Change): readonly [field: string, value: string] =>
  Object.entries(identifiers)[0] ?? ["", ""];

/** Ids of those of the changes that are at Zoho, by their unique fields; the answer where it cannot be read. */
export function* find(changes: readonly Change[], ctx: Where): Exchange<Ids | HttpResponse> {
  const found = new Map<Change, string>();
  // Ten criteria a search (zoho.com/deluge/help/crm/search-records-V8.html); brackets, commas and backslashes are escaped.
  for (const some of chunks(changes, 10)) {
    const pairs = some.map(matchOf);
    const criteria = pairs.map(([field, value]) => `(${field}:equals:${value.replaceAll(/[(),\\]/g, "\\$&")})`);
    const fields = [...new Set(pairs.map(([field]) => field))].join();
    const query = `criteria=${encodeURIComponent(`(${criteria.join("or")})`)}&fields=${fields}`;
    const response = yield* api.get(ctx, `${moduleOf(ctx)}/search?${query}`);
    // Nothing found is 204 without a body.
    const records = response.status === 204 ? [] : response.body?.data;
    if (!Array.isArray(records)) return response;
    for (const [index, [field, value]] of pairs.entries()) {
      const record = records.find((each) => String(each?.[field]).toLowerCase() === value.toLowerCase());
      if (typeof record?.id === "string") found.set(some[index]!, record.id);
    }
  }
  return found;
}
