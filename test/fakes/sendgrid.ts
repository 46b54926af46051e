import { report, type ReportFiles, startReportFiles, withReportFiles } from "./report-files.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

type Fields = Record<string, unknown>;

export interface SendgridState {
  /** Contact id -> what it holds, `email` included. */
  readonly contacts: Map<string, Fields>;
  readonly lists: Map<string, { readonly name: string; readonly members: Set<string> }>;
  readonly definitions: readonly { readonly id: string; readonly name: string; readonly field_type: string }[];
  readonly jobs: Map<string, { polls: number; readonly status: string; readonly results: object }>;
  /** E-mails whose contacts a job refuses. */
  readonly refuse: Set<string>;
  /** Where the files are that name them. */
  readonly files: ReportFiles;
  /** How often a job answers `pending`. */
  polls: number;
  /** Lists a page. */
  page: number;
  /** Whose account the credentials open. */
  account: number;
  next: number;
}

const fault = (status: number, message: string, field?: string): FakeAnswer => ({
  status,
  body: { errors: [{ message, ...(field === undefined ? {} : { field }) }] },
});
const own = /^(email|first_name|last_name|address_line_[12]|city|state_province_region|postal_code|country)$/;

/** Contacts, lists and jobs of SendGrid Marketing. Any other path, suppressions included, is refused. */
export async function startFakeSendgrid(options: { readonly key?: string } = {}): Promise<Fake<SendgridState>> {
  const state: SendgridState = {
    contacts: new Map(),
    lists: new Map(),
    definitions: [
      { id: "w1", name: "tier", field_type: "Text" },
      { id: "w2", name: "points", field_type: "Number" },
    ],
    jobs: new Map(),
    refuse: new Set(),
    files: await startReportFiles(),
    polls: 2,
    page: 2,
    account: 1,
    next: 1,
  };
  const fake = await startFake(state, (request) => {
    if (options.key !== undefined && request.headers["authorization"] !== `Bearer ${options.key}`)
      return fault(401, "authorization required");
    const url = new URL(request.path, "http://fake");
    const [, , marketing, resource, first = "", second] = url.pathname.split("/");
    if (url.pathname === "/v3/user/username") return { status: 200, body: { username: "lab", user_id: state.account } };
    if (marketing !== "marketing") return fault(403, "access forbidden");
    if (resource === "field_definitions")
      return { status: 200, body: { custom_fields: state.definitions, reserved_fields: [] } };
    if (resource === "lists") return listCall(state, request, url, first);
    if (first === "imports") return look(state, second ?? "");
    if (first === "search") return search(state, request.body.emails);
    if (request.method === "PUT") return upsert(state, request);
    for (const id of (url.searchParams.get("ids") ?? "").split(",")) {
      state.contacts.delete(id);
      for (const { members } of state.lists.values()) members.delete(id);
    }
    return job(state, 1, []);
  });
  return withReportFiles(fake);
}

/** An id in the form of theirs. */
const idOf = (place: number): string => `${String(place).padStart(8, "0")}-0000-4000-8000-000000000000`;

function job(state: SendgridState, requested: number, errored: readonly string[]): FakeAnswer {
  const id = idOf(state.next++);
  const status = errored.length === 0 ? "completed" : errored.length === requested ? "failed" : "errored";
  const lines = errored.map((email) => `${email},${email} cannot be mailed\n`).join("");
  const errors_url = errored.length === 0 ? {} : { errors_url: report(state.files, `email,error\n${lines}`) };
  state.jobs.set(id, {
    polls: state.polls,
    status,
    results: { requested_count: requested, errored_count: errored.length, ...errors_url },
  });
  return { status: 202, body: { job_id: id } };
}

function upsert(state: SendgridState, { body, text }: FakeRequest): FakeAnswer {
  const contacts = body.contacts as readonly (Fields & { email: string; custom_fields?: Fields })[];
  if (contacts.length > 30_000 || text.length > 6_000_000) return fault(400, "too many contacts", "contacts");
  const lists = ((body.list_ids ?? []) as string[]).map((id) => state.lists.get(id));
  if (lists.includes(undefined)) return fault(404, "list not found", "list_ids");
  for (const contact of contacts) {
    const odd = Object.keys(contact).find((name) => !own.test(name) && name !== "custom_fields");
    if (odd !== undefined) return fault(400, "unknown field", odd);
    for (const id of Object.keys(contact.custom_fields ?? {}))
      if (!state.definitions.some((each) => each.id === id)) return fault(400, "invalid custom field id", id);
  }
  const taken = contacts.filter(({ email }) => !state.refuse.has(email));
  for (const { custom_fields, ...contact } of taken) {
    const email = contact.email.toLowerCase();
    const id = [...state.contacts].find(([, known]) => known["email"] === email)?.[0] ?? idOf(state.next++);
    const held = { ...state.contacts.get(id), ...contact, ...custom_fields, email };
    state.contacts.set(
      id,
      Object.fromEntries(Object.entries(held).filter(([, value]) => value !== "" && value !== null)),
    );
    for (const list of lists) list?.members.add(id);
  }
  const errored = contacts.filter(({ email }) => state.refuse.has(email)).map(({ email }) => email);
  return job(state, contacts.length, errored);
}

function look(state: SendgridState, id: string): FakeAnswer {
  const known = state.jobs.get(id);
  if (known === undefined) return fault(404, "not found");
  known.polls -= 1;
  if (known.polls >= 0) return { status: 200, body: { id, status: "pending", results: {} } };
  return { status: 200, body: { id, status: known.status, results: known.results } };
}

function search(state: SendgridState, emails: readonly string[]): FakeAnswer {
  if (emails.length > 100) return fault(400, "at most 100 emails", "emails");
  const held = emails.map((email) => [email, [...state.contacts].find(([, one]) => one["email"] === email)] as const);
  if (held.every(([, found]) => found === undefined)) return fault(404, "contact not found");
  const result = held.map(([email, found]) => [
    email,
    found === undefined ? { error: "contact not found" } : { contact: { id: found[0], email } },
  ]);
  return { status: 200, body: { result: Object.fromEntries(result) } };
}

function listCall(state: SendgridState, { method, body }: FakeRequest, url: URL, id: string): FakeAnswer {
  if (id === "" && method === "POST") {
    const made = idOf(state.next++);
    state.lists.set(made, { name: body.name, members: new Set() });
    return { status: 200, body: { id: made, name: body.name, contact_count: 0 } };
  }
  if (id === "") {
    const from = Number(url.searchParams.get("page_token") ?? 0);
    const rows = [...state.lists].map(([list, { name }]) => ({ id: list, name }));
    const next = `https://api.sendgrid.com/v3/marketing/lists?page_size=1000&page_token=${from + state.page}`;
    return {
      status: 200,
      body: {
        result: rows.slice(from, from + state.page),
        _metadata: from + state.page < rows.length ? { next } : {},
      },
    };
  }
  const list = state.lists.get(id);
  if (list === undefined) return fault(404, "list not found");
  if (method === "GET") return { status: 200, body: { contact_count: list.members.size, billable_count: 0 } };
  const ids = (url.searchParams.get("contact_ids") ?? "").split(",");
  if (ids.some((contact) => !state.contacts.has(contact))) return fault(404, "contact not found");
  for (const contact of ids) list.members.delete(contact);
  return { status: 202, body: { job_id: idOf(state.next++) } };
}
