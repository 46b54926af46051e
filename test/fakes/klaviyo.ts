import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

type Attributes = Record<string, unknown>;

export interface KlaviyoState {
  readonly profiles: Map<string, Attributes>;
  readonly lists: Map<string, { readonly name: string; readonly members: Set<string> }>;
  readonly jobs: Map<string, { polls: number; readonly errors: readonly object[] }>;
  /** `metric/unique_id` -> attributes of the event: another of the same is dropped. */
  readonly events: Map<string, Attributes>;
  /** E-mails whose profiles, and titles whose events, are refused. */
  readonly refuse: Set<string>;
  /** How often a job answers `processing` before `complete`. */
  polls: number;
  /** Whose account the credentials open. */
  account: string;
  next: number;
}

const fault = (status: number, code: string, detail: string, pointer = "/data"): FakeAnswer => ({
  status,
  body: { errors: [{ id: "fake", status, code, title: "Invalid input.", detail, source: { pointer } }] },
});

/** Profiles, import jobs, events and lists of Klaviyo. Any call that touches consent is remembered in `requests` and refused. */
export function startFakeKlaviyo(options: { readonly key?: string } = {}): Promise<Fake<KlaviyoState>> {
  const state: KlaviyoState = {
    profiles: new Map(),
    lists: new Map(),
    jobs: new Map(),
    events: new Map(),
    refuse: new Set(),
    polls: 2,
    account: "Ac1",
    next: 1,
  };
  return startFake(state, (request) => {
    const { headers, method } = request;
    if (options.key !== undefined && headers["authorization"] !== `Klaviyo-API-Key ${options.key}`) {
      return fault(401, "not_authenticated", "Missing or invalid private key.");
    }
    if (headers["revision"] === undefined)
      return fault(400, "revision_header_missing", "The revision header is required.");
    const url = new URL(request.path, "http://fake");
    const [, , resource, id = "", edge] = url.pathname.split("/");
    if (resource === "profile-import") return importProfile(state, request);
    if (resource === "profile-bulk-import-jobs" && method === "POST") return startJob(state, request);
    if (resource === "profile-bulk-import-jobs") return jobCall(state, id, edge, url);
    if (resource === "events" && method === "POST") return makeEvent(state, request);
    if (resource === "profiles") return profilesBy(state, url);
    if (resource === "accounts") return { status: 200, body: { data: [{ type: "account", id: state.account }] } };
    if (resource === "lists" && edge === "relationships") return relate(state, id, request);
    if (resource === "lists") return method === "GET" ? listsBy(state, url) : makeList(state, request);
    return fault(403, "permission_denied", "not a path this fake allows");
  });
}

function upsert(state: KlaviyoState, { id, attributes }: { id?: string; attributes: Attributes }): FakeAnswer {
  const { email, phone_number: phone } = attributes;
  if (state.refuse.has(String(email)))
    return fault(400, "invalid", `Invalid email address ${String(email)}`, "/data/attributes/email");
  if (phone !== undefined && phone !== null && !/^\+1\d{10}$|^\+33\d{9}$/.test(String(phone))) {
    return fault(400, "invalid", "Invalid phone number format", "/data/attributes/phone_number");
  }
  const found = id ?? [...state.profiles].find(([, known]) => known["email"] === email)?.[0];
  const profile = found ?? `01P${state.next++}`;
  state.profiles.set(profile, { ...state.profiles.get(profile), ...attributes });
  return { status: found === undefined ? 201 : 200, body: { data: { type: "profile", id: profile, attributes } } };
}

const importProfile = (state: KlaviyoState, { body }: FakeRequest): FakeAnswer => upsert(state, body.data);

function startJob(state: KlaviyoState, { body, text }: FakeRequest): FakeAnswer {
  const { attributes, relationships } = body.data;
  const profiles: readonly { attributes: Attributes }[] = attributes.profiles.data;
  if (profiles.length > 10_000 || text.length > 5_000_000) return fault(413, "payload_too_large", "Too many profiles");
  const errors: object[] = [];
  const list = state.lists.get(relationships?.lists?.data?.[0]?.id);
  for (const [index, profile] of profiles.entries()) {
    const answer = upsert(state, profile) as {
      status: number;
      body: { data?: { id: string }; errors?: { source: { pointer: string } }[] };
    };
    const [error] = answer.body.errors ?? [];
    if (answer.body.data !== undefined) list?.members.add(answer.body.data.id);
    if (error === undefined) continue;
    const pointer = error.source.pointer.replace(
      "/data/attributes",
      `/data/attributes/profiles/data/${index}/attributes`,
    );
    errors.push({ type: "import-error", id: `e${index}`, attributes: { ...error, source: { pointer } } });
  }
  const id = `job${state.next++}`;
  state.jobs.set(id, { polls: state.polls, errors });
  return { status: 202, body: { data: { type: "profile-bulk-import-job", id, attributes: { status: "queued" } } } };
}

function makeEvent(state: KlaviyoState, { body }: FakeRequest): FakeAnswer {
  const { metric, profile, properties, unique_id: id, ...rest } = body?.data?.attributes ?? {};
  const name = metric?.data?.attributes?.name;
  if (typeof name !== "string" || Object.keys(profile?.data?.attributes ?? {}).length === 0)
    return fault(400, "invalid", "A metric and a profile are required.");
  if (state.refuse.has(properties?.title))
    return fault(400, "invalid", "Invalid input.", "/data/attributes/properties");
  const key = `${name}/${id}`;
  if (!state.events.has(key)) state.events.set(key, { name, ...rest, properties, profile: profile.data.attributes });
  return { status: 202 };
}

function jobCall(state: KlaviyoState, id: string, edge: string | undefined, url: URL): FakeAnswer {
  const job = state.jobs.get(id);
  if (job === undefined) return fault(404, "not_found", "no such job");
  if (edge === "import-errors") {
    const from = Number(url.searchParams.get("page[cursor]") ?? 0);
    const until = from + Math.min(Number(url.searchParams.get("page[size]")), 2);
    const next = until < job.errors.length ? `${url.origin}${url.pathname}?page%5Bcursor%5D=${until}` : null;
    return { status: 200, body: { data: job.errors.slice(from, until), links: { next } } };
  }
  job.polls -= 1;
  return {
    status: 200,
    body: {
      data: { type: "profile-bulk-import-job", id, attributes: { status: job.polls < 0 ? "complete" : "processing" } },
    },
  };
}

function profilesBy(state: KlaviyoState, url: URL): FakeAnswer {
  const emails = JSON.parse(/^any\(email,(.*)\)$/.exec(url.searchParams.get("filter") ?? "")?.[1] ?? "[]") as string[];
  if (emails.length > 100) return fault(400, "invalid", "at most 100 values");
  const data = [...state.profiles].filter(([, { email }]) => emails.includes(String(email)));
  return {
    status: 200,
    body: {
      data: data.map(([id, { email }]) => ({ type: "profile", id, attributes: { email } })),
      links: { next: null },
    },
  };
}

function relate(state: KlaviyoState, id: string, { method, body }: FakeRequest): FakeAnswer {
  const list = state.lists.get(id);
  if (list === undefined) return fault(404, "not_found", "A list with this id does not exist.");
  if (body.data.length > 1000) return fault(400, "invalid", "at most 1000 profiles");
  for (const { id: profile } of body.data) list.members[method === "POST" ? "add" : "delete"](profile);
  return { status: 204 };
}

function listsBy(state: KlaviyoState, url: URL): FakeAnswer {
  const name = JSON.parse(/^equals\(name,(.*)\)$/.exec(url.searchParams.get("filter") ?? "")?.[1] ?? '""') as string;
  const data = [...state.lists].filter(([, list]) => name === "" || list.name === name);
  return {
    status: 200,
    body: {
      data: data.map(([id, list]) => ({ type: "list", id, attributes: { name: list.name } })),
      links: { next: null },
    },
  };
}

function makeList(state: KlaviyoState, { body }: FakeRequest): FakeAnswer {
  const id = `L${state.next++}`;
  state.lists.set(id, { name: body.data.attributes.name, members: new Set() });
  return { status: 201, body: { data: { type: "list", id, attributes: { name: body.data.attributes.name } } } };
}
