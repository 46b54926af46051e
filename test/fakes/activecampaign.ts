import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

interface Contact {
  email: string;
  readonly fields: Record<string, unknown>;
}

export interface ActivecampaignState {
  readonly contacts: Map<number, Contact>;
  /** `active` and `left` hold ids of contacts; whoever left by unsubscribing stays away from imports. */
  readonly lists: Map<number, { readonly name: string; readonly active: Set<number>; readonly left: Set<number> }>;
  readonly tags: Map<number, { readonly name: string; readonly description: string }>;
  /** Association id -> contact and tag. */
  readonly contactTags: Map<number, { readonly contact: number; readonly tag: number }>;
  readonly imports: Map<
    string,
    { polls: number; readonly success: readonly string[]; readonly failure: readonly string[] }
  >;
  /** E-mails that are refused. */
  readonly refuse: Set<string>;
  polls: number;
  next: number;
}

const fault = (status: number, title: string, detail: string): FakeAnswer => ({
  status,
  body: { errors: [{ title, detail, code: "field_invalid", source: { pointer: "/data/attributes/email" } }] },
});
const absent = { status: 404, body: { message: "No Result found for Subscriber with id 1" } };

/** Contacts, imports, lists and tags of ActiveCampaign. Nobody's status in a list can be written but by imports. */
export function startFakeActivecampaign(options: { readonly token?: string } = {}): Promise<Fake<ActivecampaignState>> {
  const state: ActivecampaignState = {
    contacts: new Map(),
    lists: new Map([[3, { name: "Everybody", active: new Set(), left: new Set() }]]),
    tags: new Map(),
    contactTags: new Map(),
    imports: new Map(),
    refuse: new Set(),
    polls: 2,
    next: 100,
  };
  return startFake(state, (request) => {
    const { method, body } = request;
    if (options.token !== undefined && request.headers["api-token"] !== options.token)
      return { status: 403, body: { message: "You are not authorized" } };
    const url = new URL(request.path, "http://fake");
    const [, , , resource = "", place = "", edge] = url.pathname.split("/");
    if (resource === "contact" && place === "sync") return sync(state, body.contact);
    if (resource === "import") return place === "info" ? look(state, url) : importAll(state, request);
    if (resource === "contacts") return contactCall(state, request, url, Number(place), edge);
    if (resource === "contactTags") return tagging(state, method, Number(place), body?.contactTag);
    if (resource === "lists")
      return listed(
        "lists",
        [...state.lists].map(([id, { name }]) => ({ id: `${id}`, name })),
      );
    if (resource !== "tags") return { status: 403, body: { message: "not a path this fake allows" } };
    if (method === "GET")
      return listed(
        "tags",
        [...state.tags].map(([id, { name, ...rest }]) => ({ id: `${id}`, tag: name, ...rest })),
      );
    const id = state.next++;
    state.tags.set(id, { name: body.tag.tag, description: body.tag.description });
    return { status: 201, body: { tag: { ...body.tag, id: `${id}` } } };
  });
}

const listed = (name: string, rows: readonly object[]): FakeAnswer => ({ status: 200, body: { [name]: rows } });
const find = (state: ActivecampaignState, email: string): number | undefined =>
  [...state.contacts].find(([, one]) => one.email === email)?.[0];

type Given = { readonly email: string; readonly fieldValues?: readonly { field: string; value: string }[] };

function save(state: ActivecampaignState, { email, fieldValues = [], ...own }: Given, id: number): void {
  const custom = Object.fromEntries(fieldValues.map(({ field, value }) => [field, value]));
  const merged = Object.entries({ ...state.contacts.get(id)?.fields, ...own, ...custom });
  state.contacts.set(id, { email, fields: Object.fromEntries(merged.filter(([, value]) => value !== "")) });
}

function sync(state: ActivecampaignState, contact: Given): FakeAnswer {
  if (state.refuse.has(contact.email)) return fault(422, "Invalid email", `Email ${contact.email} is not valid`);
  const known = find(state, contact.email);
  const id = known ?? state.next++;
  save(state, contact, id);
  return {
    status: known === undefined ? 201 : 200,
    body: { fieldValues: [], contact: { email: contact.email, id: `${id}` } },
  };
}

type Row = {
  readonly email: string;
  readonly first_name?: string;
  readonly fields?: readonly { readonly id: number; readonly value: string }[];
  readonly subscribe?: readonly { readonly listid: string }[];
};

function importAll(state: ActivecampaignState, { body }: FakeRequest): FakeAnswer {
  const rows = body.contacts as readonly Row[];
  if (rows.length > 250) return { status: 400, body: { success: 0, message: "too many", failureReasons: [] } };
  const lists = rows.flatMap(({ subscribe = [] }) => subscribe.map(({ listid }) => state.lists.get(Number(listid))));
  if (lists.includes(undefined)) return { status: 404, body: { message: "No list" } };
  const taken = rows.filter(({ email }) => !state.refuse.has(email));
  const success = taken.map(({ email, first_name, fields = [], subscribe = [] }) => {
    const id = find(state, email) ?? state.next++;
    const own = first_name === undefined ? {} : { firstName: first_name };
    save(state, { email, ...own, fieldValues: fields.map((one) => ({ field: `${one.id}`, value: one.value })) }, id);
    for (const { listid } of subscribe) {
      const list = state.lists.get(Number(listid));
      if (list?.left.has(id) === false) list.active.add(id);
    }
    return `${id}`;
  });
  const batchId = `import-${state.next++}`;
  const failure = rows.filter(({ email }) => state.refuse.has(email)).map(({ email }) => email);
  state.imports.set(batchId, { polls: state.polls, success, failure });
  return { status: 200, body: { Success: 1, queued_contacts: rows.length, batchId, message: "Contact import queued" } };
}

function look(state: ActivecampaignState, url: URL): FakeAnswer {
  const found = state.imports.get(url.searchParams.get("batchId") ?? "");
  if (found === undefined) return { status: 404, body: { message: "No import" } };
  found.polls -= 1;
  if (found.polls >= 0) return { status: 200, body: { status: "active", success: [], failure: [] } };
  return { status: 200, body: { status: "completed", success: found.success, failure: found.failure } };
}

function contactCall(
  state: ActivecampaignState,
  request: FakeRequest,
  url: URL,
  id: number,
  edge?: string,
): FakeAnswer {
  const { method, body } = request;
  if (id === 0) {
    const found = [...state.contacts].filter(([, { email }]) => email === url.searchParams.get("email"));
    return listed(
      "contacts",
      found.map(([one, { email }]) => ({ id: `${one}`, email })),
    );
  }
  if (!state.contacts.has(id)) return absent;
  if (edge === "contactTags") {
    const had = [...state.contactTags].filter(([, { contact }]) => contact === id);
    return listed(
      "contactTags",
      had.map(([one, { tag }]) => ({ id: `${one}`, contact: `${id}`, tag: `${tag}` })),
    );
  }
  if (method === "PUT") {
    const other = find(state, body.contact.email);
    if (other !== undefined && other !== id)
      return fault(422, "Duplicate", "Email address already exists in the system");
    save(state, body.contact, id);
    return { status: 200, body: { contact: { id: `${id}` } } };
  }
  state.contacts.delete(id);
  for (const [one, { contact }] of state.contactTags) if (contact === id) state.contactTags.delete(one);
  return { status: 200, body: {} };
}

function tagging(
  state: ActivecampaignState,
  method: string,
  place: number,
  given?: { contact: number; tag: number },
): FakeAnswer {
  if (method === "DELETE")
    return state.contactTags.delete(place)
      ? { status: 200, body: {} }
      : { status: 404, body: { message: "No Result found for SubscriberTag with id 1" } };
  if (given === undefined || !state.tags.has(given.tag)) return { status: 404, body: { message: "No tag" } };
  const known = [...state.contactTags].find(([, one]) => one.contact === given.contact && one.tag === given.tag)?.[0];
  const id = known ?? state.next++;
  state.contactTags.set(id, { contact: given.contact, tag: given.tag });
  return { status: known === undefined ? 201 : 200, body: { contactTag: { ...given, id: `${id}` } } };
}
