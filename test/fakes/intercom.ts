import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

interface Contact {
  readonly role: string;
  readonly external_id?: string;
  readonly email?: string;
  readonly custom_attributes: Record<string, unknown>;
  readonly [field: string]: unknown;
}

export interface IntercomState {
  readonly contacts: Map<string, Contact>;
  readonly archived: Set<string>;
  /** `company_id` -> what it holds. */
  readonly companies: Map<string, Record<string, unknown>>;
  readonly tags: Map<string, { readonly name: string; readonly members: Set<string> }>;
  readonly events: object[];
  /** Custom attributes the workspace has. */
  readonly attributes: Set<string>;
  /** E-mails or own ids whose rows are refused. */
  readonly refuse: Set<string>;
  /** Searches find nobody yet: contacts that were made a moment ago. */
  lagging: boolean;
  /** Whose account the credentials open. */
  account: string;
  next: number;
}

const fault = (status: number, code: string, message: string): FakeAnswer => ({
  status,
  body: { type: "error.list", request_id: "fake", errors: [{ code, message }] },
});

/** Contacts, companies, tags and events of Intercom. Anything about subscriptions is refused. */
export function startFakeIntercom(options: { readonly token?: string } = {}): Promise<Fake<IntercomState>> {
  const state: IntercomState = {
    contacts: new Map(),
    archived: new Set(),
    companies: new Map(),
    tags: new Map(),
    events: [],
    attributes: new Set(["points"]),
    refuse: new Set(),
    lagging: false,
    account: "abc1",
    next: 1,
  };
  return startFake(state, (request) => {
    const { headers, method, body } = request;
    if (options.token !== undefined && headers["authorization"] !== `Bearer ${options.token}`)
      return fault(401, "unauthorized", "Access Token Invalid");
    if (headers["intercom-version"] === undefined) return fault(400, "intercom_version_invalid", "no version");
    if (/unsubscribe|subscription/.test(request.text + request.path)) return fault(403, "forbidden", "consent");
    const url = new URL(request.path, "http://fake");
    const [, resource = "", id = "", edge, tag] = url.pathname.split("/");
    if (resource === "me")
      return { status: 200, body: { type: "admin", app: { type: "app", id_code: state.account } } };
    if (resource === "events") return eventCall(state, request);
    if (resource === "companies") return companyCall(state, request, url, id);
    if (resource === "tags") return tagsCall(state, request);
    if (id === "search") return search(state, body.query);
    if (id === "") return create(state, body);
    if (edge === "unarchive") state.archived.delete(id);
    if (!state.contacts.has(id) || state.archived.has(id)) return fault(404, "not_found", "User Not Found");
    if (edge === "archive") state.archived.add(id);
    if (edge === "tags") return tagCall(state, id, tag ?? body.id, method);
    return method === "PUT" ? save(state, body, id) : { status: 200, body: { type: "contact", id } };
  });
}

/** The contact that has one of these identifiers, archived ones included. */
function holder(state: IntercomState, { external_id, email }: Partial<Contact>): string | undefined {
  const has = (one: Contact): boolean =>
    (external_id !== undefined && one.external_id === external_id) || (email !== undefined && one.email === email);
  return [...state.contacts].find(([, one]) => one.role === "user" && has(one))?.[0];
}

function refusal(state: IntercomState, body: Partial<Contact>, custom: object): FakeAnswer | undefined {
  for (const name of [body.email, body.external_id, body["company_id"]])
    if (state.refuse.has(String(name))) return fault(400, "parameter_invalid", `invalid value ${String(name)}`);
  const odd = Object.keys(custom).find((name) => !state.attributes.has(name));
  if (odd === undefined) return undefined;
  return fault(400, "parameter_invalid", `Custom attribute '${odd}' does not exist`);
}

const withoutNulls = (record: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));

function save(state: IntercomState, body: Partial<Contact>, id: string): FakeAnswer {
  const refused = refusal(state, body, body.custom_attributes ?? {});
  if (refused !== undefined) return refused;
  const other = holder(state, body);
  if (other !== undefined && other !== id)
    return fault(409, "conflict", `A contact matching those details already exists with id=${other}`);
  const known = state.contacts.get(id);
  const custom_attributes = withoutNulls({ ...known?.custom_attributes, ...body.custom_attributes });
  state.contacts.set(id, { ...withoutNulls({ role: "user", ...known, ...body }), custom_attributes } as Contact);
  return { status: 200, body: { type: "contact", id, ...body } };
}

function create(state: IntercomState, body: Partial<Contact>): FakeAnswer {
  const id = holder(state, body);
  if (id === undefined) return save(state, body, `6762f0cd${String(state.next++).padStart(4, "0")}`);
  const what = state.archived.has(id) ? "An archived contact" : "A contact";
  return fault(409, "conflict", `${what} matching those details already exists with id=${id}`);
}

function search(state: IntercomState, { field, value }: { field: string; value: string }): FakeAnswer {
  const found = [...state.contacts].filter(
    ([id, one]) => !state.lagging && !state.archived.has(id) && one[field] === value,
  );
  const data = found.map(([id, one]) => ({ type: "contact", id, external_id: null, ...one }));
  return { status: 200, body: { type: "list", data, total_count: data.length } };
}

function tagsCall(state: IntercomState, { method, body }: FakeRequest): FakeAnswer {
  if (method === "GET") {
    const data = [...state.tags].map(([id, { name }]) => ({ type: "tag", id, name }));
    return { status: 200, body: { type: "list", data } };
  }
  const id = String(80 + state.next++);
  state.tags.set(id, { name: body.name, members: new Set() });
  return { status: 200, body: { type: "tag", id, name: body.name } };
}

function tagCall(state: IntercomState, contact: string, id: string, method: string): FakeAnswer {
  const tag = state.tags.get(id);
  if (tag === undefined || (method === "DELETE" && !tag.members.delete(contact)))
    return fault(404, "not_found", "Resource Not Found");
  if (method === "POST") tag.members.add(contact);
  return { status: 200, body: { type: "tag", id, name: tag.name } };
}

function companyCall(state: IntercomState, { method, body }: FakeRequest, url: URL, place: string): FakeAnswer {
  const own = url.searchParams.get("company_id") ?? (place === "" ? body?.company_id : place.replace("c-", ""));
  const known = state.companies.get(own);
  if (method !== "POST" && known === undefined) return fault(404, "company_not_found", "Company Not Found");
  if (method === "DELETE") {
    state.companies.delete(own);
    return { status: 200, body: { id: place, object: "company", deleted: true } };
  }
  if (method === "POST") {
    const refused = refusal(state, body, body.custom_attributes ?? {});
    if (refused !== undefined) return refused;
    state.companies.set(own, withoutNulls({ ...known, ...body }));
  }
  return { status: 200, body: { type: "company", id: `c-${own}`, company_id: own } };
}

function eventCall(state: IntercomState, { body }: FakeRequest): FakeAnswer {
  const { user_id: external_id, email } = body;
  if (holder(state, { external_id, email }) === undefined) return fault(404, "not_found", "User Not Found");
  state.events.push(body);
  return { status: 202 };
}
