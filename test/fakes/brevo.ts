import { report, type ReportFiles, startReportFiles, withReportFiles } from "./report-files.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

interface Contact {
  email: string;
  readonly attributes: Record<string, unknown>;
  /** A blocklist nobody but the person may change. */
  readonly emailBlacklisted: boolean;
}
interface Row {
  readonly email: string;
  readonly attributes?: Record<string, unknown>;
}

export interface BrevoState {
  readonly contacts: Map<number, Contact>;
  readonly lists: Map<number, { readonly name: string; readonly members: Set<number> }>;
  /** Process id -> looks until it is completed, and addresses of the files that name whom it refused. */
  readonly processes: Map<number, { polls: number; readonly files: object }>;
  /** E-mails that are refused. */
  readonly refuse: Set<string>;
  /** E-mails that an import refuses as another contact's. */
  readonly taken: Set<string>;
  /** Where the files are that name them. */
  readonly files: ReportFiles;
  polls: number;
  /** Whose account the credentials open. */
  account: string;
  next: number;
}

const fault = (status: number, code: string, message: string): FakeAnswer => ({ status, body: { code, message } });

/** Contacts, imports and lists of Brevo. A request that writes a blocklist is refused. */
export async function startFakeBrevo(options: { readonly key?: string } = {}): Promise<Fake<BrevoState>> {
  const state: BrevoState = {
    contacts: new Map(),
    lists: new Map(),
    processes: new Map(),
    refuse: new Set(),
    taken: new Set(),
    files: await startReportFiles(),
    polls: 2,
    account: "65a1",
    next: 1,
  };
  const fake = await startFake(state, (request) => {
    if (options.key !== undefined && request.headers["api-key"] !== options.key)
      return fault(401, "unauthorized", "Key not found");
    if (/lacklist|consentGroup/.test(request.text)) return fault(400, "invalid_parameter", "consent is not ours");
    const url = new URL(request.path, "http://fake");
    const [, , resource, first = "", id = "", , way] = url.pathname.split("/");
    if (resource === "processes") return look(state, Number(first));
    if (resource === "account") return { status: 200, body: { organization_id: state.account } };
    if (resource !== "contacts") return fault(404, "not_found", "no such path");
    if (first === "import") return importRows(state, request);
    if (first === "lists") return listCall(state, request, url, id, way);
    if (first === "") return upsert(state, request);
    return contactCall(state, request, decodeURIComponent(first));
  });
  return withReportFiles(fake);
}

const find = (state: BrevoState, email: string): number | undefined =>
  [...state.contacts].find(([, contact]) => contact.email === email.toLowerCase())?.[0];

function write(state: BrevoState, { email, attributes = {} }: Row, id: number): void {
  const known = state.contacts.get(id);
  const merged = Object.entries({ ...known?.attributes, ...attributes }).filter(([, value]) => value !== "");
  state.contacts.set(id, {
    email: email.toLowerCase(),
    attributes: Object.fromEntries(merged),
    emailBlacklisted: known?.emailBlacklisted ?? false,
  });
}

function upsert(state: BrevoState, { body }: FakeRequest): FakeAnswer {
  const known = find(state, body.email);
  if (state.refuse.has(body.email)) return fault(400, "invalid_parameter", `Invalid email address: ${body.email}`);
  if (known !== undefined && body.updateEnabled !== true)
    return fault(400, "duplicate_parameter", "Contact already exist");
  if (((body.listIds ?? []) as number[]).some((list) => !state.lists.has(list)))
    return fault(404, "document_not_found", "List ID does not exist");
  const id = known ?? state.next++;
  write(state, body, id);
  for (const list of body.listIds ?? []) state.lists.get(list)?.members.add(id);
  return known === undefined ? { status: 201, body: { id } } : { status: 204 };
}

function contactCall(state: BrevoState, { method, body }: FakeRequest, email: string): FakeAnswer {
  const id = find(state, email);
  if (id === undefined) return fault(404, "document_not_found", "Contact does not exist");
  if (method === "DELETE") {
    state.contacts.delete(id);
    for (const { members } of state.lists.values()) members.delete(id);
    return { status: 204 };
  }
  const { EMAIL: moved = email, ...attributes } = body.attributes;
  if (moved !== email && find(state, moved) !== undefined)
    return fault(400, "duplicate_parameter", "email is already associated with another Contact");
  write(state, { email: moved, attributes }, id);
  return { status: 204 };
}

function importRows(state: BrevoState, { body, text }: FakeRequest): FakeAnswer {
  if (text.length > 10_000_000) return fault(413, "invalid_parameter", "too large");
  const lists = ((body.listIds ?? []) as number[]).map((list) => state.lists.get(list));
  if (lists.length === 0) return fault(400, "missing_parameter", "listIds or newList is missing");
  if (lists.includes(undefined)) return fault(404, "document_not_found", "List ID does not exist");
  const rows = body.jsonBody as readonly Row[];
  for (const row of rows) {
    if (state.refuse.has(row.email) || state.taken.has(row.email)) continue;
    const kept = Object.entries(row.attributes ?? {}).filter(
      ([, value]) => value !== "" || body.emptyContactsAttributes === true,
    );
    const id = find(state, row.email) ?? state.next++;
    write(state, { email: row.email, attributes: Object.fromEntries(kept) }, id);
    for (const list of lists) list?.members.add(id);
  }
  const processId = state.next++;
  const file = (who: ReadonlySet<string>): string | null => {
    const emails = rows.map(({ email }) => email).filter((email) => who.has(email));
    return emails.length === 0 ? null : report(state.files, `EMAIL;FIRSTNAME\r\n${emails.join(";\r\n")};\r\n`);
  };
  const files = { invalid_emails: file(state.refuse), duplicate_ext_id: null, duplicate_email_id: file(state.taken) };
  state.processes.set(processId, { polls: state.polls, files });
  return { status: 202, body: { processId } };
}

function look(state: BrevoState, id: number): FakeAnswer {
  const process = state.processes.get(id);
  if (process === undefined) return fault(404, "document_not_found", "Process ID does not exist");
  process.polls -= 1;
  if (process.polls >= 0) return { status: 200, body: { id, name: "IMPORTUSER", status: "in_process" } };
  return { status: 200, body: { id, name: "IMPORTUSER", status: "completed", info: { import: process.files } } };
}

function listCall(state: BrevoState, request: FakeRequest, url: URL, id: string, way: string | undefined): FakeAnswer {
  const { method, body } = request;
  if (id === "" && method === "POST") {
    const made = state.next++;
    state.lists.set(made, { name: body.name, members: new Set() });
    return { status: 201, body: { id: made } };
  }
  if (id === "") {
    const from = Number(url.searchParams.get("offset"));
    const rows = [...state.lists].map(([list, { name }]) => ({ id: list, name, folderId: 1 }));
    return {
      status: 200,
      body: { count: rows.length, lists: rows.slice(from, from + Number(url.searchParams.get("limit"))) },
    };
  }
  const list = state.lists.get(Number(id));
  if (list === undefined) return fault(404, "document_not_found", "List ID does not exist");
  if (way !== "remove") return { status: 200, body: { id: Number(id), uniqueSubscribers: list.members.size } };
  const emails = body.emails as readonly string[];
  if (emails.length > 150) return fault(400, "invalid_parameter", "at most 150 emails");
  const success = emails.filter((email) => list.members.delete(find(state, email) ?? -1));
  if (success.length === 0)
    return fault(400, "invalid_parameter", "Contact already removed from list and/or does not exist");
  return { status: 201, body: { contacts: { success, failure: emails.filter((email) => !success.includes(email)) } } };
}
