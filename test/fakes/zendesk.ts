import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

interface Given {
  readonly email?: string;
  readonly external_id?: string;
  readonly [field: string]: unknown;
}
interface Item {
  readonly external_id?: string;
  readonly fields: Record<string, unknown>;
  /** Of users; the first one is the primary one. */
  readonly emails: string[];
}

export interface ZendeskState {
  readonly users: Map<number, Item>;
  readonly organizations: Map<number, Item>;
  readonly jobs: Map<string, { polls: number; readonly results: readonly object[] }>;
  /** E-mails or external ids whose rows are refused. */
  readonly refuse: Set<string>;
  /** Whether Zendesk Support has enabled jobs of many users. */
  bulk: boolean;
  /** How often a job answers `working`. */
  polls: number;
  next: number;
}

const fault = (status: number, error: string, description: string, details?: object): FakeAnswer => ({
  status,
  body: { error, description, ...(details === undefined ? {} : { details }) },
});
const absent = fault(404, "RecordNotFound", "Not found");

/** Users, their e-mails, organizations and jobs of Zendesk. A request that would mail a user is refused. */
export function startFakeZendesk(options: { readonly authorization?: string } = {}): Promise<Fake<ZendeskState>> {
  const state: ZendeskState = {
    users: new Map(),
    organizations: new Map(),
    jobs: new Map(),
    refuse: new Set(),
    bulk: true,
    polls: 2,
    next: 1000,
  };
  return startFake(state, (request) => {
    if (options.authorization !== undefined && request.headers["authorization"] !== options.authorization)
      return { status: 401, body: { error: "Couldn't authenticate you" } };
    const url = new URL(request.path, "http://fake");
    const [, , , many = "", place = "", edge, identity, act] = url.pathname.split("/");
    if (many === "job_statuses") return look(state, place);
    if (many !== "users" && many !== "organizations") return fault(404, "InvalidEndpoint", "Not found");
    if (many === "users" && /"email"/.test(request.text) && !/"skip_verify_email":true/.test(request.text))
      return fault(400, "Mailed", "somebody would get a mail");
    if (place === "create_or_update") return answer(many, write(state, many, one(many, request)));
    if (place === "create_or_update_many") return startJob(state, request);
    if (place === "show_many" || place === "search") return find(state, many, url);
    if (place === "") return { status: 200, body: { [many]: [] } };
    const id = Number(place);
    if (edge === "identities") return identities(state.users.get(id), identity, act);
    if (!state[many].has(id)) return absent;
    if (request.method === "DELETE") return remove(state, many, id);
    return answer(many, write(state, many, one(many, request), id));
  });
}

type Many = "users" | "organizations";
const one = (many: Many, { body }: FakeRequest): Given => body[many.slice(0, -1)];
const shown = (id: number, { external_id, emails, fields }: Item): object => ({
  id,
  ...(external_id === undefined ? {} : { external_id }),
  ...(emails[0] === undefined ? {} : { email: emails[0] }),
  ...fields,
});

type Written = { readonly id: number; readonly made: boolean; readonly item: Item } | { readonly refused: string };

function write(state: ZendeskState, many: Many, given: Given, place?: number): Written {
  const { email, external_id: own, skip_verify_email: _, ...fields } = given;
  for (const name of [email, own])
    if (name !== undefined && state.refuse.has(name)) return { refused: `Email: ${name} is not properly formatted` };
  const known =
    place ??
    [...state[many]].find(
      ([, item]) =>
        (own !== undefined && item.external_id?.toLowerCase() === own.toLowerCase()) ||
        (email !== undefined && item.emails.includes(email)),
    )?.[0];
  const taken = [...state[many]].find(([id, { emails }]) => id !== known && emails.includes(email ?? ""));
  if (taken !== undefined) return { refused: `Email: ${email} is already being used by another user` };
  const id = known ?? state.next++;
  const before = state[many].get(id);
  const emails = before?.emails ?? [];
  if (email !== undefined && !emails.includes(email)) emails.push(email);
  const kept = own ?? before?.external_id;
  const merged = Object.entries({ ...before?.fields, ...fields }).filter(([, value]) => value !== null);
  const item = { ...(kept === undefined ? {} : { external_id: kept }), fields: Object.fromEntries(merged), emails };
  state[many].set(id, item);
  return { id, made: known === undefined, item };
}

function answer(many: Many, written: Written): FakeAnswer {
  if ("refused" in written)
    return fault(422, "RecordInvalid", "Record validation errors", { email: [{ description: written.refused }] });
  return { status: written.made ? 201 : 200, body: { [many.slice(0, -1)]: shown(written.id, written.item) } };
}

function startJob(state: ZendeskState, { body }: FakeRequest): FakeAnswer {
  if (!state.bulk) return { status: 403, body: { error: { title: "Forbidden", message: "You do not have access" } } };
  const users = body.users as readonly Given[];
  if (users.length > 100) return fault(400, "TooManyUsers", "at most 100 users");
  const results = users.map((given, index) => {
    const written = write(state, "users", given);
    // The id of a failed one is its place, from one on.
    if ("refused" in written)
      return { id: index + 1, error: "UserUpdateError", details: written.refused, status: "Failed" };
    return { id: written.id, status: written.made ? "Created" : "Updated" };
  });
  const id = `job${state.next++}`;
  state.jobs.set(id, { polls: state.polls, results });
  return { status: 200, body: { job_status: { id, status: "queued", results: null } } };
}

function look(state: ZendeskState, id: string): FakeAnswer {
  const job = state.jobs.get(id);
  if (job === undefined) return absent;
  job.polls -= 1;
  const ended = job.polls < 0;
  return {
    status: 200,
    body: { job_status: { id, status: ended ? "completed" : "working", results: ended ? job.results : null } },
  };
}

function find(state: ZendeskState, many: Many, url: URL): FakeAnswer {
  const owns = (url.searchParams.get("external_ids") ?? "").toLowerCase().split(",");
  const address = /^email:(.+)$/.exec(url.searchParams.get("query") ?? "")?.[1] ?? "";
  const found = [...state[many]].filter(
    ([, { external_id, emails }]) => owns.includes(external_id?.toLowerCase() ?? "-") || emails.includes(address),
  );
  return { status: 200, body: { [many]: found.map(([id, item]) => shown(id, item)) } };
}

function identities(user: Item | undefined, place: string | undefined, act: string | undefined): FakeAnswer {
  if (user === undefined) return absent;
  if (act === "make_primary") {
    const [first] = user.emails.splice(Number(place), 1);
    user.emails.unshift(String(first));
  }
  const listed = user.emails.map((value, id) => ({ id, type: "email", value, primary: id === 0 }));
  return { status: 200, body: { identities: listed } };
}

function remove(state: ZendeskState, many: Many, id: number): FakeAnswer {
  state[many].delete(id);
  return many === "users" ? { status: 200, body: { user: { id, active: false } } } : { status: 204 };
}
