import { type FakeOauth, fakeOauth } from "./oauth.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface GoogleList {
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
  readonly membershipDuration: string;
  /** `emailAddress:<hash>` and the like. */
  readonly members: Set<string>;
}

export interface GoogleState {
  readonly oauth: FakeOauth;
  readonly lists: GoogleList[];
  /** By transaction id: the first event of each counts. */
  readonly events: Map<string, Readonly<Record<string, unknown>>>;
  /** Requests that were taken: looks until they are done, and what is said then. */
  readonly taken: Map<string, { looks: number; readonly status: object }>;
  /** Hashes whose rows are refused by name. */
  readonly refuse: Set<string>;
  /** Looks at a request before it is done. */
  looks: number;
  /** Why every row of every request fails when Google works on it. */
  failing: string | undefined;
  /** Lists on a page. */
  page: number;
}

// oxlint-disable-next-line no-explicit-any -- parts of requests under test
type Part = any;
type Violation = { readonly field: string; readonly description: string; readonly reason: string };

function refused(status: number, reason: string, message: string, violations: readonly Violation[] = []): FakeAnswer {
  const details = [
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "datamanager.googleapis.com" },
    { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: violations },
  ];
  return { status, body: { error: { code: status, status: "INVALID_ARGUMENT", message, details } } };
}
const badRequest = (field: string, reason: string): FakeAnswer =>
  refused(400, "INVALID_ARGUMENT", "There was a problem with the request.", [{ field, description: reason, reason }]);

/** The Data Manager API: user lists of account 1234567890, members, conversions at action 77, request status. */
export function startFakeGoogle(): Promise<Fake<GoogleState>> {
  const state: GoogleState = {
    oauth: fakeOauth({ refresh_token: "refresh-of-the-lab" }),
    lists: [],
    events: new Map(),
    taken: new Map(),
    refuse: new Set(),
    looks: 1,
    failing: undefined,
    page: 50,
  };
  return startFake(state, (request) => {
    const { pathname, searchParams } = new URL(request.path, "http://fake");
    if (pathname === "/token") return state.oauth.token(request);
    if (!state.oauth.knows(request)) return { status: 401, body: { error: { status: "UNAUTHENTICATED" } } };
    if (pathname === "/v1/requestStatus:retrieve") return statusOf(state, searchParams.get("requestId") ?? "");
    if (pathname === "/v1/audienceMembers:ingest" || pathname === "/v1/audienceMembers:remove")
      return members(state, request);
    if (pathname === "/v1/events:ingest") return events(state, request);
    const lists = "/v1/accountTypes/GOOGLE_ADS/accounts/1234567890/userLists";
    if (pathname === lists) return request.method === "POST" ? made(state, request) : listed(state, searchParams);
    const list = state.lists.find(({ id }) => pathname === `${lists}/${id}`);
    if (list === undefined)
      return { status: 404, body: { error: { code: 404, status: "NOT_FOUND", message: "none" } } };
    const size = String(list.members.size);
    return { status: 200, body: { ...list, members: undefined, sizeInfo: { displayNetworkMembersCount: size } } };
  });
}

function listed({ lists, page }: GoogleState, query: URLSearchParams): FakeAnswer {
  const from = Number(query.get("pageToken") ?? 0);
  const some = lists.slice(from, from + page).map((list) => ({ ...list, members: undefined }));
  const more = from + page < lists.length ? { nextPageToken: String(from + page) } : {};
  return { status: 200, body: { ...(some.length > 0 && { userLists: some }), ...more } };
}

function made(state: GoogleState, { body }: FakeRequest): FakeAnswer {
  const { displayName, description, membershipDuration, ingestedUserListInfo: info } = body ?? {};
  const seconds = Number(/^(\d+)s$/.exec(membershipDuration)?.[1]);
  if (!(seconds % 86_400 === 0 && seconds <= 540 * 86_400))
    return badRequest("user_list.membership_duration", "MEMBERSHIP_DURATION_TOO_LONG");
  const contacts = info?.uploadKeyTypes?.[0] === "CONTACT_ID" && typeof info.contactIdInfo?.dataSourceType === "string";
  if (typeof displayName !== "string" || !contacts)
    return badRequest("user_list", "UNSUPPORTED_INGESTED_USER_LIST_INFO_CONFIG");
  const list = { id: String(8_001_000 + state.lists.length), displayName, description, membershipDuration };
  state.lists.push({ ...list, members: new Set() });
  return { status: 200, body: list };
}

/** What a row says of a person, `kind:value` each; null where it is none that Google takes. */
function identifiersOf(state: GoogleState, { userData }: Part): readonly string[] | null {
  const identifiers: readonly Part[] = userData?.userIdentifiers ?? [];
  if (identifiers.length > 10) return null;
  const found: string[] = [];
  for (const identifier of identifiers) {
    const [[kind, value] = ["", ""], ...others] = Object.entries<Part>(identifier);
    const hashes = kind === "address" ? [value.givenName, value.familyName] : [value];
    if (others.length > 0 || !["emailAddress", "phoneNumber", "address"].includes(kind)) return null;
    if (hashes.some((hash) => !/^[0-9a-f]{64}$/.test(hash) || state.refuse.has(hash))) return null;
    if (kind !== "address") found.push(`${kind}:${value}`);
    else if (!/^[A-Z]{2}$/.test(value.regionCode) || !value.postalCode) return null;
  }
  return found;
}

function take(state: GoogleState, status: object): FakeAnswer {
  const requestId = `t-${state.taken.size + 1}`;
  state.taken.set(requestId, { looks: state.looks, status });
  return { status: 200, body: { requestId } };
}

/** Rows that are none, or more than the API takes; undefined where there is nothing to say against them. */
function against(state: GoogleState, rows: readonly Part[], most: number, name: string): FakeAnswer | undefined {
  if (rows.length === 0 || rows.length > most) return badRequest(name, "TOO_MANY_ELEMENTS");
  const bad = rows.flatMap((row, index) => (identifiersOf(state, row) === null ? [index] : []));
  const violations = bad.map((index) => ({
    field: `${name}[${index}]`,
    description: "The value is not a SHA-256 hash.",
    reason: "INVALID_SHA256_FORMAT",
  }));
  return bad.length === 0 ? undefined : refused(400, "INVALID_ARGUMENT", "There was a problem.", violations);
}

function members(state: GoogleState, { path, body }: FakeRequest): FakeAnswer {
  const { destinations, audienceMembers: rows = [], termsOfService, encoding } = body ?? {};
  const list = state.lists.find(({ id }) => id === destinations?.[0]?.productDestinationId);
  if (list === undefined) return badRequest("destinations[0].product_destination_id", "INVALID_USER_LIST_ID");
  const adding = path.endsWith(":ingest");
  if (adding && termsOfService?.customerMatchTermsOfServiceStatus !== "ACCEPTED")
    return badRequest("terms_of_service", "TERMS_AND_CONDITIONS_NOT_SIGNED");
  const problem = encoding === "HEX" ? against(state, rows, 10_000, "audience_members") : badRequest("encoding", "x");
  if (problem !== undefined) return problem;
  if (state.failing !== undefined) {
    const reason = `PROCESSING_ERROR_REASON_${state.failing}`;
    const errorInfo = { errorCounts: [{ recordCount: String(rows.length), reason }] };
    return take(state, { requestStatus: "FAILED", errorInfo });
  }
  for (const row of rows)
    for (const one of identifiersOf(state, row) ?? []) list.members[adding ? "add" : "delete"](one);
  const status = { recordCount: String(rows.length), uploadMatchRateRange: "MATCH_RATE_RANGE_51_TO_60" };
  const ingested = { audienceMembersIngestionStatus: { userDataIngestionStatus: status } };
  return take(state, { requestStatus: "SUCCESS", ...(adding ? ingested : {}) });
}

function events(state: GoogleState, { body }: FakeRequest): FakeAnswer {
  const { destinations, events: rows = [] } = body ?? {};
  if (destinations?.[0]?.productDestinationId !== "77")
    return badRequest("destinations[0].product_destination_id", "INVALID_CONVERSION_ACTION_ID");
  const problem = against(state, rows, 2000, "events");
  if (problem !== undefined) return problem;
  const again = rows.filter(({ transactionId }: Part) => state.events.has(transactionId));
  for (const row of rows) if (!again.includes(row)) state.events.set(row.transactionId, row);
  const reason = "PROCESSING_ERROR_REASON_DUPLICATE_TRANSACTION_ID";
  const errorInfo = { errorCounts: [{ recordCount: String(again.length), reason }] };
  if (again.length === 0) return take(state, { requestStatus: "SUCCESS" });
  return take(state, { requestStatus: again.length === rows.length ? "FAILED" : "PARTIAL_SUCCESS", errorInfo });
}

function statusOf({ taken }: GoogleState, id: string): FakeAnswer {
  const request = taken.get(id);
  if (request === undefined) return refused(400, "INVALID_REQUEST_ID", "The request ID is not valid.");
  request.looks -= 1;
  const status = request.looks >= 0 ? { requestStatus: "PROCESSING" } : request.status;
  return { status: 200, body: { requestStatusPerDestination: [status] } };
}
