import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

type Records = Map<string, Record<string, string>>;

export interface HubspotState {
  /** Record id -> properties. */
  readonly contacts: Records;
  readonly companies: Records;
  /** Type of custom records -> records. */
  readonly custom: Map<string, Records>;
  /** `from/to` -> labels, "" for none. */
  readonly associations: Map<string, Set<string>>;
  /** List id -> name and record ids. */
  readonly lists: Map<
    string,
    { readonly name: string; readonly processingType: string; readonly members: Set<string> }
  >;
  /** E-mails, domains and ids whose rows are refused with a 207. */
  readonly refuse: Set<string>;
  /** Whose account the credentials open. */
  account: number;
  next: number;
}

interface Input {
  readonly id: string;
  readonly idProperty?: string;
  readonly properties?: Record<string, string>;
  readonly objectWriteTraceId?: string;
}

const at = "2026-01-01T00:00:00.000Z";
const problem = (status: number, category: string, message: string): FakeAnswer => ({
  status,
  body: { status: "error", category, message, correlationId: "00000000-0000-0000-0000-000000000000" },
});

/** Records, associations and manual lists of HubSpot, with batches of 100 and 207 answers. */
export function startFakeHubspot(options: { readonly token?: string } = {}): Promise<Fake<HubspotState>> {
  const state: HubspotState = {
    contacts: new Map(),
    companies: new Map(),
    custom: new Map(),
    associations: new Map(),
    lists: new Map(),
    refuse: new Set(),
    account: 1,
    next: 101,
  };
  return startFake(state, (request) => {
    if (options.token !== undefined && request.headers["authorization"] !== `Bearer ${options.token}`) {
      return problem(401, "INVALID_AUTHENTICATION", "Authentication credentials not found");
    }
    const { pathname } = new URL(request.path, "http://fake");
    if (pathname === "/account-info/v3/details") return { status: 200, body: { portalId: state.account } };
    const [, type = "", call] = /^\/crm\/v3\/objects\/(\w+)\/(?:batch\/)?(\w+)$/.exec(pathname) ?? [];
    if (call !== undefined) return batchCall(state, type, call, request);
    const linking = /^\/crm\/v4\/associations\/(\w+)\/(\w+)\/batch\/([\w/]+)$/.exec(pathname);
    if (linking !== null) return associationCall(state, linking.slice(1), request);
    if (pathname === "/crm/v3/objects/contacts") return { status: 200, body: { results: [] } };
    return listCall(state, pathname, request);
  });
}

function recordsOf(state: HubspotState, type: string): Records {
  if (type === "contacts" || type === "companies") return state[type];
  const held = state.custom.get(type) ?? new Map();
  state.custom.set(type, held);
  return held;
}

function batchCall(state: HubspotState, type: string, call: string, { body }: FakeRequest): FakeAnswer {
  const records = recordsOf(state, type);
  if (call === "search") return search(records, body);
  const inputs: readonly Input[] = body?.inputs ?? [];
  if (inputs.length === 0 || inputs.length > 100)
    return problem(400, "VALIDATION_ERROR", "between 1 and 100 inputs are allowed");
  if (call !== "create" && new Set(inputs.map(({ id }) => id)).size < inputs.length)
    return problem(400, "VALIDATION_ERROR", "Duplicate IDs found in batch input");
  if ([body.idProperty, ...inputs.map(({ idProperty }) => idProperty)].includes("domain"))
    return problem(400, "VALIDATION_ERROR", "Unable to perform update/upsert by non-unique 0-2 property domain");
  if (call === "archive") {
    for (const { id } of inputs) records.delete(id);
    return { status: 204 };
  }
  const results: object[] = [];
  const errors: object[] = [];
  for (const input of inputs) {
    const known =
      call === "create" ? undefined : find(records, input.id, call === "read" ? body.idProperty : input.idProperty);
    const refused = [input.id, ...Object.values(input.properties ?? {})].find((value) => state.refuse.has(value));
    if (refused !== undefined)
      errors.push(refusal(input, `Property values were not valid: ${refused}`, "VALIDATION_ERROR"));
    else if (known === undefined && (call === "read" || call === "update"))
      errors.push(refusal(input, `Could not get some ${type} objects`, "OBJECT_NOT_FOUND"));
    else results.push(written(state, records, input, known, call !== "read"));
  }
  const shared = { results, startedAt: at, completedAt: at };
  if (errors.length === 0) return { status: call === "create" ? 201 : 200, body: { status: "COMPLETE", ...shared } };
  return { status: 207, body: { status: "COMPLETE", ...shared, numErrors: errors.length, errors } };
}

function search(records: Records, { filterGroups, limit }: FakeRequest["body"]): FakeAnswer {
  const [{ propertyName, operator, values }] = filterGroups[0].filters;
  if (operator !== "IN" || values.length > 100 || limit > 200)
    return problem(400, "VALIDATION_ERROR", "Invalid filter");
  const hits = [...records].filter(([, held]) => values.includes(held[propertyName]?.toLowerCase()));
  const results = hits.map(([id, properties]) => ({ id, properties, createdAt: at, updatedAt: at, archived: false }));
  return { status: 200, body: { total: hits.length, results: results.slice(0, limit) } };
}

function associationCall(
  state: HubspotState,
  [from = "", to = "", call = ""]: readonly string[],
  { body }: FakeRequest,
): FakeAnswer {
  const results: object[] = [];
  const errors: object[] = [];
  for (const input of body.inputs) {
    const ends: readonly string[] = [input.to].flat().map(({ id }: { id: string }) => id);
    const label =
      input.types === undefined ? "" : `${input.types[0].associationCategory}:${input.types[0].associationTypeId}`;
    for (const end of ends) {
      const pair = `${input.from.id}/${end}`;
      const labels = state.associations.get(pair) ?? new Set();
      const there = recordsOf(state, from).has(input.from.id) && recordsOf(state, to).has(end);
      if (call === "archive") state.associations.delete(pair);
      else if (call === "labels/archive") labels.delete(label);
      else if (!there || state.refuse.has(pair))
        errors.push({
          status: "error",
          category: "OBJECT_NOT_FOUND",
          message: "no such record",
          context: { fromObjectId: [input.from.id], toObjectId: [end] },
        });
      else {
        state.associations.set(pair, labels.add(label));
        results.push(
          call === "create"
            ? { fromObjectId: Number(input.from.id), toObjectId: Number(end), labels: [] }
            : { from: { id: input.from.id }, to: { id: end } },
        );
      }
    }
  }
  if (call.endsWith("archive")) return { status: 204 };
  const shared = { status: "COMPLETE", results, startedAt: at, completedAt: at };
  if (errors.length > 0) return { status: 207, body: { ...shared, numErrors: errors.length, errors } };
  return { status: call === "create" ? 201 : 200, body: shared };
}

function find(records: Records, id: string, by: string | undefined): string | undefined {
  if (by === undefined) return records.has(id) ? id : undefined;
  return [...records].find(([, properties]) => properties[by] === id)?.[0];
}

function refusal({ id, objectWriteTraceId }: Input, message: string, category: string): object {
  const context = objectWriteTraceId === undefined ? { ids: [id] } : { objectWriteTraceId: [objectWriteTraceId] };
  return { status: "error", category, message, context, errors: [], links: {} };
}

function written(
  state: HubspotState,
  records: Records,
  input: Input,
  known: string | undefined,
  write: boolean,
): object {
  const id = known ?? String(state.next++);
  if (write) {
    const properties = {
      ...records.get(id),
      ...(input.idProperty === undefined ? {} : { [input.idProperty]: input.id }),
      ...input.properties,
    };
    records.set(id, Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== "")));
  }
  const trace = input.objectWriteTraceId === undefined ? {} : { objectWriteTraceId: input.objectWriteTraceId };
  return {
    id,
    new: known === undefined,
    properties: records.get(id),
    createdAt: at,
    updatedAt: at,
    archived: false,
    ...trace,
  };
}

function listCall(state: HubspotState, pathname: string, { method, body }: FakeRequest): FakeAnswer {
  if (pathname === "/crm/v3/lists/search") {
    const lists = [...state.lists].map(([listId, { name, processingType }]) => ({
      listId,
      name,
      processingType,
      objectTypeId: "0-1",
    }));
    const hits = lists.filter(({ name }) => name.includes(body.query));
    return { status: 200, body: { lists: hits, hasMore: false, offset: hits.length, total: hits.length } };
  }
  if (pathname === "/crm/v3/lists" && method === "POST") {
    const listId = String(state.next++);
    state.lists.set(listId, { name: body.name, processingType: body.processingType, members: new Set() });
    return {
      status: 200,
      body: {
        list: {
          listId,
          listVersion: 1,
          name: body.name,
          objectTypeId: "0-1",
          processingType: "MANUAL",
          processingStatus: "COMPLETE",
        },
      },
    };
  }
  const one = /^\/crm\/v3\/lists\/(\w+)$/.exec(pathname)?.[1];
  if (one !== undefined && state.lists.has(one))
    return { status: 200, body: { list: { listId: one, size: state.lists.get(one)?.members.size } } };
  const [, id = "", way] = /^\/crm\/v3\/lists\/(\w+)\/memberships\/(add|remove)$/.exec(pathname) ?? [];
  const list = state.lists.get(id);
  if (list === undefined || !Array.isArray(body)) return problem(404, "OBJECT_NOT_FOUND", "List does not exist");
  const known = (body as string[]).filter((record) => state.contacts.has(record));
  const recordIdsMissing = (body as string[]).filter((record) => !state.contacts.has(record));
  for (const record of known) list.members[way === "add" ? "add" : "delete"](record);
  const changed = { recordsIdsAdded: way === "add" ? known : [], recordIdsRemoved: way === "remove" ? known : [] };
  return { status: 200, body: { ...changed, recordIdsMissing } };
}
