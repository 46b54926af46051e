/** The record of a change's unique attribute: found, written by assert, or written by its id. */
import type { Change, Exchange, HttpResponse, Outcome } from "millrace/destination";
import { accepted, rejected } from "millrace/destination";
import { api, recordsPath, type Where } from "./api.ts";
import { type Values, valuesOf } from "./values.ts";

const matchOf = ({ identifiers }: Change): readonly [attribute: string, value: string] =>
  Object.entries(identifiers)[0] ?? ["", ""];

function written(response: HttpResponse): Outcome {
  const id = response.body?.data?.id?.record_id;
  return response.status === 200 && typeof id === "string" ? accepted(id) : api.broken(response);
}

/** Id of the one record: undefined when there is none, an outcome when nobody can tell. */
export function* find(change: Change, ctx: Where): Exchange<string | Outcome | undefined> {
  const [attribute, value] = matchOf(change);
  const response = yield* api.post(ctx, `${recordsPath(ctx)}/query`, { filter: { [attribute]: value }, limit: 2 });
  const found = response.body?.data;
  if (found?.length === 0) return undefined;
  if (found?.length > 1) return rejected("multiple_match_results", `several records have this ${attribute}`);
  const id = found?.[0]?.id?.record_id;
  return typeof id === "string" ? id : api.broken(response);
}

/** Makes the record, or changes the one that has the attribute. */
export function* assert(change: Change, values: Values, ctx: Where): Exchange<Outcome> {
  const [attribute] = matchOf(change);
  const path = `${recordsPath(ctx)}?matching_attribute=${encodeURIComponent(attribute)}`;
  return written(yield* api.put(ctx, path, { data: { values } }));
}

/**
 * Writes a record whose identifier changed, in place (R10); undefined when it is gone. PUT replaces all addresses of a record:
 * those that others added are kept, the former one goes, so that whoever gets it next is not taken for this person.
 */
export function* move(change: Change, id: string, ctx: Where): Exchange<Outcome | undefined> {
  const held = yield* api.get(ctx, recordsPath(ctx, id));
  if (held.status === 404) return undefined;
  if (typeof (held.body?.data?.values ?? null) !== "object") return api.broken(held);
  const values = valuesOf(change);
  for (const [kind, current] of Object.entries(change.identifiers)) {
    const former = change.before?.ids.filter((sent) => sent.kind === kind).map(({ value }) => value) ?? [];
    const own = new Set([current, ...former]);
    const addresses = (held.body.data.values[kind] ?? []).map((each: any) => each?.email_address ?? each?.domain);
    values[kind] = [current, ...addresses.filter((address: unknown) => address && !own.has(String(address)))];
  }
  return written(yield* api.put(ctx, recordsPath(ctx, id), { data: { values } }));
}
