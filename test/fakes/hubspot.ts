import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface HubspotState {
  /** Record id -> properties. */
  readonly contacts: Map<string, Record<string, string>>;
  /** List id -> name and record ids. */
  readonly lists: Map<
    string,
    { readonly name: string; readonly processingType: string; readonly members: Set<string> }
  >;
  /** E-mails whose rows are refused with a 207. */
  readonly refuse: Set<string>;
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

/** Contacts and manual lists of HubSpot, with batches of 100 and 207 answers. */
export function startFakeHubspot(options: { readonly token?: string } = {}): Promise<Fake<HubspotState>> {
  const state: HubspotState = { contacts: new Map(), lists: new Map(), refuse: new Set(), next: 101 };
  return startFake(state, (request) => {
    if (options.token !== undefined && request.headers["authorization"] !== `Bearer ${options.token}`) {
      return problem(401, "INVALID_AUTHENTICATION", "Authentication credentials not found");
    }
    const { pathname } = new URL(request.path, "http://fake");
    const batch = /^\/crm\/v3\/objects\/contacts\/batch\/(upsert|update|read|archive)$/.exec(pathname)?.[1];
    if (batch !== undefined) return batchCall(state, batch, request);
    if (pathname === "/crm/v3/objects/contacts") return { status: 200, body: { results: [] } };
    return listCall(state, pathname, request);
  });
}

function batchCall(state: HubspotState, call: string, { body }: FakeRequest): FakeAnswer {
  const inputs: readonly Input[] = body?.inputs ?? [];
  if (inputs.length === 0 || inputs.length > 100)
    return problem(400, "VALIDATION_ERROR", "between 1 and 100 inputs are allowed");
  if (new Set(inputs.map(({ id }) => id)).size < inputs.length)
    return problem(400, "VALIDATION_ERROR", "Duplicate IDs found in batch input");
  if (call === "archive") {
    for (const { id } of inputs) state.contacts.delete(id);
    return { status: 204 };
  }
  const results: object[] = [];
  const errors: object[] = [];
  for (const input of inputs) {
    const by = call === "read" ? body.idProperty : input.idProperty;
    const known = find(state, input.id, by);
    const email = input.properties?.["email"] ?? input.id;
    if (state.refuse.has(email))
      errors.push(refusal(input, `Property values were not valid: ${email}`, "VALIDATION_ERROR"));
    else if (known === undefined && call !== "upsert")
      errors.push(refusal(input, "Could not get some CONTACT objects", "OBJECT_NOT_FOUND"));
    else results.push(written(state, input, known, call !== "read"));
  }
  const shared = { results, startedAt: at, completedAt: at };
  if (errors.length === 0) return { status: 200, body: { status: "COMPLETE", ...shared } };
  return { status: 207, body: { status: "COMPLETE", ...shared, numErrors: errors.length, errors } };
}

function find(state: HubspotState, id: string, by: string | undefined): string | undefined {
  if (by === undefined) return state.contacts.has(id) ? id : undefined;
  return [...state.contacts].find(([, properties]) => properties[by] === id)?.[0];
}

function refusal({ id, objectWriteTraceId }: Input, message: string, category: string): object {
  const context = objectWriteTraceId === undefined ? { ids: [id] } : { objectWriteTraceId: [objectWriteTraceId] };
  return { status: "error", category, message, context, errors: [], links: {} };
}

function written(state: HubspotState, input: Input, known: string | undefined, write: boolean): object {
  const id = known ?? String(state.next++);
  if (write) {
    const properties = {
      ...state.contacts.get(id),
      ...(input.idProperty === undefined ? {} : { [input.idProperty]: input.id }),
      ...input.properties,
    };
    state.contacts.set(id, Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== "")));
  }
  const trace = input.objectWriteTraceId === undefined ? {} : { objectWriteTraceId: input.objectWriteTraceId };
  return {
    id,
    new: known === undefined,
    properties: state.contacts.get(id),
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
  const [, id = "", way] = /^\/crm\/v3\/lists\/(\w+)\/memberships\/(add|remove)$/.exec(pathname) ?? [];
  const list = state.lists.get(id);
  if (list === undefined || !Array.isArray(body)) return problem(404, "OBJECT_NOT_FOUND", "List does not exist");
  const known = (body as string[]).filter((record) => state.contacts.has(record));
  const recordIdsMissing = (body as string[]).filter((record) => !state.contacts.has(record));
  for (const record of known) list.members[way === "add" ? "add" : "delete"](record);
  const changed = { recordsIdsAdded: way === "add" ? known : [], recordIdsRemoved: way === "remove" ? known : [] };
  return { status: 200, body: { ...changed, recordIdsMissing } };
}
