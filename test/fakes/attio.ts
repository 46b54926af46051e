import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

type Values = Record<string, any>;

export interface AttioState {
  readonly records: Map<string, { readonly object: string; readonly values: Values }>;
  readonly lists: Map<string, { readonly name: string; readonly slug: string; readonly parent: string }>;
  readonly entries: Map<string, { readonly list: string; readonly record: string; values: Values }>;
  /** Values of a unique attribute whose records are refused. */
  readonly refuse: Set<string>;
  /** Whose account the credentials open. */
  account: string;
  next: number;
}

const fault = (status: number, code: string, message: string): FakeAnswer => ({
  status,
  body: { status_code: status, type: "invalid_request_error", code, message },
});
const data = (value: unknown): FakeAnswer => ({ status: 200, body: { data: value } });

/** Attributes of several values, as Attio gives them back. */
const several: Readonly<Record<string, string>> = { email_addresses: "email_address", domains: "domain" };
const recordOf = (id: string, values: Values): object => ({
  id: { workspace_id: "w", object_id: "o", record_id: id },
  values: Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      [value].flat().map((each) => ({ [several[name] ?? "value"]: each, attribute_type: "any" })),
    ]),
  ),
});

/** Records of any object, and lists of Attio, with uniqueness of addresses, domains and `customer_id`. */
export function startFakeAttio(options: { readonly key?: string } = {}): Promise<Fake<AttioState>> {
  const state: AttioState = {
    records: new Map(),
    lists: new Map(),
    entries: new Map(),
    refuse: new Set(),
    account: "w",
    next: 1,
  };
  return startFake(state, (request) => {
    if (options.key !== undefined && request.headers["authorization"] !== `Bearer ${options.key}`)
      return fault(401, "unauthorized", "The token is not valid.");
    const url = new URL(request.path, "http://fake");
    const [, , what, name = "", kind, id, edge] = url.pathname.split("/");
    if (what === "self") {
      const scope = "record_permission:read-write object_configuration:read";
      return { status: 200, body: { active: true, scope, workspace_id: state.account } };
    }
    if (what === "lists") return lists(state, request, name, id);
    if (what !== "objects" || kind !== "records") return fault(404, "not_found", "no such path");
    if (id === "query") return query(state, name, request);
    if (id === undefined) return assert(state, name, url.searchParams.get("matching_attribute") ?? "", request);
    return record(state, id, edge, request);
  });
}

const holds = (values: Values, name: string, value: unknown): boolean => [values[name]].flat().includes(value);

function written(state: AttioState, object: string, id: string | undefined, given: Values): FakeAnswer {
  const texts = Object.values(given).flat().map(String);
  if (texts.some((text) => state.refuse.has(text)))
    return fault(400, "value_not_found", `An invalid value was given: ${texts.find((text) => state.refuse.has(text))}`);
  for (const [other, { values }] of state.records) {
    for (const name of ["email_addresses", "domains", "customer_id"])
      if (other !== id && [given[name] ?? []].flat().some((value) => holds(values, name, value)))
        return fault(400, "uniqueness_conflict", `Another record has this ${name}`);
  }
  const place = id ?? `r${state.next++}`;
  const values = { ...state.records.get(place)?.values, ...given };
  for (const [name, value] of Object.entries(values)) {
    if (Array.isArray(value) && value.length === 0) delete values[name];
    else if (name === "name" && Object.keys(value).toSorted().join() !== "first_name,full_name,last_name")
      return fault(400, "missing_value", "A name has three parts");
  }
  state.records.set(place, { object, values });
  return data(recordOf(place, values));
}

/** Values of the matching attribute are added, all others replaced. */
function assert(state: AttioState, object: string, match: string, { body }: FakeRequest): FakeAnswer {
  const given: Values = body.data.values;
  const [found, held] =
    [...state.records].find(([, { values }]) => [given[match]].flat().some((each) => holds(values, match, each))) ?? [];
  const matched = match in several ? [...new Set([given[match], held?.values[match] ?? []].flat())] : given[match];
  return written(state, object, found, { ...given, [match]: matched });
}

function query(state: AttioState, object: string, { body }: FakeRequest): FakeAnswer {
  const [[name, value]] = Object.entries(body.filter) as [[string, unknown]];
  const found = [...state.records].filter(([, each]) => each.object === object && holds(each.values, name, value));
  return data(found.slice(0, body.limit).map(([id, { values }]) => recordOf(id, values)));
}

function record(state: AttioState, id: string, edge: string | undefined, { method, body }: FakeRequest): FakeAnswer {
  const held = state.records.get(id);
  if (held === undefined) return fault(404, "not_found", `Record with ID "${id}" not found.`);
  if (edge === "entries") {
    const mine = [...state.entries].filter(([, entry]) => entry.record === id);
    return data(mine.map(([entry_id, { list }]) => ({ entry_id, list_id: list, list_api_slug: `slug_${list}` })));
  }
  if (method === "GET") return data(recordOf(id, held.values));
  if (method === "PUT") return written(state, held.object, id, body.data.values);
  state.records.delete(id);
  for (const [entry, of] of state.entries) if (of.record === id) state.entries.delete(entry);
  return { status: 200, body: {} };
}

const listOf = (id: string, { name, slug, parent }: { name: string; slug: string; parent: string }): object => ({
  id: { workspace_id: "w", list_id: id },
  api_slug: slug,
  name,
  parent_object: [parent],
});

function lists(state: AttioState, { method, body }: FakeRequest, list: string, entry: string | undefined): FakeAnswer {
  if (list === "" && method === "GET") return data([...state.lists].map(([id, each]) => listOf(id, each)));
  if (list === "") {
    const { name, api_slug: slug, parent_object: parent } = body.data;
    const id = `l${state.next++}`;
    state.lists.set(id, { name, slug, parent });
    return data(listOf(id, { name, slug, parent }));
  }
  if (!state.lists.has(list)) return fault(404, "not_found", `List with slug/ID "${list}" was not found.`);
  if (method === "DELETE")
    return state.entries.delete(entry ?? "") ? { status: 200, body: {} } : fault(404, "not_found", "Entry not found.");
  const { parent_record_id: parent, entry_values: values } = body.data;
  if (!state.records.has(parent)) return fault(400, "value_not_found", "The parent record does not exist.");
  const there = [...state.entries].filter(([, each]) => each.list === list && each.record === parent);
  if (there.length > 1) return fault(400, "multiple_match_results", "Multiple entries were found.");
  const id = there[0]?.[0] ?? `e${state.next++}`;
  state.entries.set(id, { list, record: parent, values: { ...there[0]?.[1].values, ...values } });
  return data({ id: { workspace_id: "w", list_id: list, entry_id: id }, parent_record_id: parent });
}
