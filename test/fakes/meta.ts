import { beginOrGoOn, inProgress, isOpen, type MetaSession } from "./meta-session.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface MetaAudience {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** `EMAIL:<hash>` and the like: what a membership is keyed by. */
  readonly members: Set<string>;
  /** The newest session of `usersreplace`, open until its last batch or its time is over. */
  session?: MetaSession;
}

export interface MetaState {
  readonly audiences: MetaAudience[];
  /** Answered as num_invalid_entries. */
  invalid: number;
  /** Hashes and ids of events that spoil the whole request they are in. */
  readonly refuse: Set<string>;
  /** `event_name/event_id` -> the event: another one of the same name and id is dropped. */
  readonly events: Map<string, Record<string, unknown>>;
  /** Ids of events that spoil their request as too old. */
  readonly tooOld: Set<string>;
}

const matchKeys = new Set(["EMAIL", "PHONE", "MADID", "EXTERN_ID"]);
const hashed = new Set([
  "EMAIL",
  "PHONE",
  "FN",
  "LN",
  "FI",
  "CT",
  "ST",
  "ZIP",
  "COUNTRY",
  "GEN",
  "DOBY",
  "DOBM",
  "DOBD",
]);

const problem = (code: number, message: string, more: object = {}): FakeAnswer => ({
  status: 400,
  body: { error: { message, type: "OAuthException", code, fbtrace_id: "fake", ...more } },
});

export interface FakeMetaOptions {
  readonly token?: string;
  readonly proof?: string;
  /** For sessions. */
  readonly now?: () => number;
  /** Called when a request arrives, before anything of it is applied; an answer of its own ends it. */
  readonly onArrival?: (request: FakeRequest) => FakeAnswer | null;
}

/** Custom audiences and events of Meta, with Meta's limits and error shapes. */
export function startFakeMeta(options: FakeMetaOptions = {}): Promise<Fake<MetaState>> {
  const { now = Date.now } = options;
  const state: MetaState = { audiences: [], invalid: 0, refuse: new Set(), events: new Map(), tooOld: new Set() };
  return startFake(state, (request) => {
    const early = options.onArrival?.(request) ?? null;
    if (early !== null) return early;
    const url = new URL(request.path, "http://fake");
    if (options.token !== undefined && request.headers["authorization"] !== `Bearer ${options.token}`) {
      return { ...problem(190, "Error validating access token"), status: 401 };
    }
    if (options.proof !== undefined && url.searchParams.get("appsecret_proof") !== options.proof) {
      return problem(100, "Invalid appsecret_proof provided in the API argument");
    }
    const [, , id = "", edge] = url.pathname.split("/");
    if (edge === "customaudiences") return request.method === "GET" ? listed(state, url) : made(state, request);
    if (edge === "users") return changed(state, id, request, now());
    if (edge === "usersreplace") return replaced(state, id, request, now());
    if (edge === "events") return counted(state, request);
    if (state.audiences.some((each) => each.id === id)) return sized(state, id);
    if (id.startsWith("act_")) return { status: 200, body: { id, name: "Fake account", account_status: 1 } };
    return problem(100, "Unsupported request", { error_subcode: 33 });
  });
}

function listed({ audiences }: MetaState, url: URL): FakeAnswer {
  const start = Number(url.searchParams.get("after") ?? 0);
  const limit = Math.min(Number(url.searchParams.get("limit") ?? 25), 2);
  const data = audiences.slice(start, start + limit).map(({ id, name, description }) => ({ id, name, description }));
  const more = start + limit < audiences.length;
  return {
    status: 200,
    body: {
      data,
      paging: { cursors: { after: String(start + limit) }, ...(more ? { next: "https://graph.example" } : {}) },
    },
  };
}

function made(state: MetaState, { body }: FakeRequest): FakeAnswer {
  if (body?.subtype !== "CUSTOM" || typeof body.customer_file_source !== "string")
    return problem(100, "Invalid parameter");
  const id = String(23_850_000_000 + state.audiences.length);
  state.audiences.push({ id, name: body.name, description: body.description ?? "", members: new Set() });
  return { status: 200, body: { id } };
}

function changed(state: MetaState, id: string, request: FakeRequest, now: number): FakeAnswer {
  const audience = state.audiences.find((each) => each.id === id);
  if (audience === undefined) return gone;
  const wrong = wrongPayload(state, request);
  if (wrong !== null) return wrong;
  if (isOpen(audience.session, now)) return inProgress;
  for (const member of membersOf(request)) {
    if (request.method === "DELETE") audience.members.delete(member);
    else audience.members.add(member);
  }
  return taken(state, id, request);
}

/** A session empties the audience when it begins: whoever has not arrived when it is broken off is missing. */
function replaced(state: MetaState, id: string, request: FakeRequest, now: number): FakeAnswer {
  const audience = state.audiences.find((each) => each.id === id);
  if (audience === undefined) return gone;
  const wrong = wrongPayload(state, request) ?? beginOrGoOn(audience, request, now);
  if (wrong !== null) return wrong;
  for (const member of membersOf(request)) audience.members.add(member);
  return taken(state, id, request);
}

const gone = problem(100, "Unsupported post request. Object does not exist", { error_subcode: 33 });

function wrongPayload(state: MetaState, { body }: FakeRequest): FakeAnswer | null {
  const { schema, data } = body?.payload ?? {};
  if (!Array.isArray(schema) || !Array.isArray(data) || data.length === 0) return problem(194, "Missing payload");
  if (data.length > 10_000) return problem(105, "The number of parameters exceeded the maximum for this operation");
  if (data.some((row: unknown[]) => row.length !== schema.length))
    return problem(100, "Row and schema differ in length");
  const badHash = data.some((row: string[]) =>
    schema.some((key, i) => hashed.has(key) && row[i] !== "" && !/^[0-9a-f]{64}$/.test(row[i] ?? "")),
  );
  if (badHash) return problem(100, "A value is not hashed");
  const spoilt = data.some((row: string[]) => row.some((value) => state.refuse.has(value)));
  return spoilt ? problem(100, "Invalid parameter") : null;
}

function membersOf({ body }: FakeRequest): readonly string[] {
  const { schema, data } = body.payload as { readonly schema: string[]; readonly data: string[][] };
  return data.flatMap((row) =>
    schema.flatMap((key, index) => (matchKeys.has(key) && row[index] !== "" ? [`${key}:${row[index]}`] : [])),
  );
}

function taken({ invalid }: MetaState, id: string, { body }: FakeRequest): FakeAnswer {
  const answer = {
    audience_id: id,
    session_id: String(body.session?.session_id),
    num_received: body.payload.data.length,
  };
  return { status: 200, body: { ...answer, num_invalid_entries: invalid, invalid_entry_samples: {} } };
}

function sized({ audiences }: MetaState, id: string): FakeAnswer {
  const size = audiences.find((each) => each.id === id)?.members.size ?? 0;
  // Small audiences are never told exactly.
  const bound = size === 0 ? -1 : Math.max(1000, size);
  return { status: 200, body: { id, approximate_count_lower_bound: bound, approximate_count_upper_bound: bound } };
}

function counted(state: MetaState, { body }: FakeRequest): FakeAnswer {
  const data: readonly Record<string, any>[] = body?.data ?? [];
  if (data.length === 0 || data.length > 1000) return problem(100, "Between 1 and 1000 events are allowed");
  const incomplete = data.some(
    (event) =>
      typeof event["event_name"] !== "string" ||
      !Number.isInteger(event["event_time"]) ||
      typeof event["action_source"] !== "string" ||
      Object.keys(event["user_data"] ?? {}).length === 0,
  );
  if (incomplete) return problem(100, "Invalid parameter");
  if (data.some((event) => state.tooOld.has(event["event_id"])))
    return problem(100, "Event Timestamp Too Old", { error_subcode: 2804003 });
  if (
    data.some((event) =>
      [event["event_id"], ...Object.values(event["custom_data"])].some((one) => state.refuse.has(one)),
    )
  )
    return problem(100, "Invalid parameter");
  for (const event of data) {
    const key = `${event["event_name"]}/${event["event_id"]}`;
    if (!state.events.has(key)) state.events.set(key, event);
  }
  return { status: 200, body: { events_received: data.length, messages: [], fbtrace_id: "fake" } };
}
