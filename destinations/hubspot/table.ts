/** Records of one type as the kit finds and writes them: by batches, in which every row has a trace id. */
import type { Change, Exchange, HttpResponse, Json, MatchedRow, Outcome, RecordTable } from "millrace/destination";
import { accepted, idsInChunks, mapValues, normalizeExact, rejected, unknown } from "millrace/destination";
import { api, area, listOf, type Place, refusal } from "./api.ts";

/** A type of records. */
export interface RecordType {
  /** As the API calls it: `contacts`, `2-123456`. */
  readonly path: string;
  /** The property that records are known by. */
  readonly by: string;
  /** The identifier that holds its value. */
  readonly kind: string;
  /** HubSpot upserts by the property; otherwise records are searched for, then changed or made. */
  readonly unique: boolean;
  /** The value as HubSpot has it; null where it can be none. */
  form(raw: string): string | null;
}

/** A type whose records are known by any property with unique values. */
export const knownBy = (path: string, by: string): RecordType => ({
  path,
  by,
  kind: "id",
  unique: true,
  form: normalizeExact,
});

type ValueOf = (change: Change) => string;

const post = (ctx: Place, { path }: RecordType, what: string, body: object, extra = {}): Exchange<HttpResponse> =>
  api.post(ctx, `${area(ctx, "objects")}/${path}/${what}`, body, extra);

/** Values -> ids; of several records with one value the oldest, which HubSpot names first. */
function find(ctx: Place, type: RecordType, values: readonly string[]): ReturnType<RecordTable["find"]> {
  const { by, unique, form } = type;
  const ask = (some: readonly string[]): Exchange<HttpResponse> => {
    const named = { idProperty: by, inputs: some.map((id) => ({ id })), propertiesWithHistory: [] };
    const filters = [{ propertyName: by, operator: "IN", values: some }];
    const alike = { filterGroups: [{ filters }], sorts: [], limit: 200, after: "0" };
    const query = { properties: [by], ...(unique ? named : alike) };
    return post(ctx, type, unique ? "batch/read" : "search", query, { harmless: true });
  };
  const pairOf = ({ id, properties }: any) => [form(String(properties?.[by])), String(id)] as [string, string];
  return idsInChunks(values, 100, ask, ({ body }) => body?.results?.map(pairOf).toReversed());
}

/** HubSpot takes every property as text; "" clears one. */
const asText = (value: Json): string => String(value ?? "");

/** Rows to be made by value (`upsert`), made (`create`) or changed by id (`update`). */
function* write(
  ctx: Place,
  type: RecordType,
  way: "upsert" | "create" | "update",
  rows: readonly MatchedRow[],
  valueOf: ValueOf,
): Exchange<readonly Outcome[]> {
  const inputs = rows.map(({ change, id }, place) => ({
    ...(way === "create" ? { associations: [] } : { id: id ?? valueOf(change) }),
    ...(way === "upsert" ? { idProperty: type.by } : {}),
    properties: Object.assign(mapValues(change.fields, asText), { [type.by]: valueOf(change) }),
    objectWriteTraceId: String(place),
  }));
  const response = yield* post(ctx, type, `batch/${way}`, { inputs }, way === "create" ? { once: true } : {});
  return verdicts(rows, response);
}

/** 207: only some rows failed. An error without trace ids speaks of all rows that no result or other error is about. */
function verdicts(rows: readonly MatchedRow[], response: HttpResponse): readonly Outcome[] {
  if (![200, 201, 207].includes(response.status)) return rows.map(() => api.broken(response));
  const { results, errors } = Object(response.body);
  const found = new Map<string, Outcome>();
  let others = unknown("broken answer: no result for this row");
  for (const { id, objectWriteTraceId: trace } of listOf(results))
    if (typeof id === "string") found.set(String(trace), accepted(id));
  for (const error of listOf(errors)) {
    const traces: readonly unknown[] | undefined = error.context?.objectWriteTraceId;
    if (traces == null) others = refusal(error, rejected);
    else for (const trace of traces) found.set(String(trace), refusal(error));
  }
  return rows.map((_, place) => found.get(String(place)) ?? others);
}

/** The records of a type. `kind`: the identifier that holds their value, where it is not the type's own. */
export function tableOf(ctx: Place, type: RecordType, kind = type.kind): RecordTable {
  const valueOf: ValueOf = ({ identifiers }) => type.form(identifiers[kind] ?? "") ?? "";
  return {
    what: type.by,
    look: !type.unique,
    valueOf,
    broken: api.broken,
    find: (values) => find(ctx, type, values),
    make: (rows) => write(ctx, type, type.unique ? "upsert" : "create", rows, valueOf),
    change: (rows) => write(ctx, type, "update", rows, valueOf),
    *remove(ids) {
      return api.outcome(yield* post(ctx, type, "batch/archive", { inputs: ids.map((id) => ({ id })) }));
    },
  };
}
