import { type FakeOauth, fakeOauth } from "./oauth.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface AdsList {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly membershipLifeSpan: string;
  /** `hashedEmail:<hash>` and the like. */
  readonly members: Set<string>;
}

interface Job {
  readonly list: AdsList;
  readonly operations: (readonly [op: "create" | "remove", identifiers: readonly string[]])[];
  status: "PENDING" | "RUNNING" | "SUCCESS";
  looks: number;
}

export interface GoogleAdsState {
  readonly oauth: FakeOauth;
  readonly lists: AdsList[];
  readonly jobs: Map<string, Job>;
  /** Hashes whose operations are refused. */
  readonly refuse: Set<string>;
  /** Looks at a job before it is done. */
  looks: number;
  /** The developer token may use Customer Match. */
  allowed: boolean;
  /** Jobs that were run while another one worked on the list. */
  overlaps: number;
}

// oxlint-disable-next-line no-explicit-any -- parts of requests under test
type Part = any;

function failure(errors: readonly object[], status = 400): FakeAnswer {
  const details = [{ "@type": "type.googleapis.com/google.ads.googleads.v25.errors.GoogleAdsFailure", errors }];
  return {
    status,
    body: { error: { code: status, status: "INVALID_ARGUMENT", message: "Request refused.", details } },
  };
}
const refused = (kind: string, code: string, status = 400): FakeAnswer =>
  failure([{ errorCode: { [kind]: code }, message: code }], status);

/** The Google Ads API for account 1234567890: lists found by GAQL and made, jobs made, filled, run and looked at. */
export function startFakeGoogleAds(developer: string): Promise<Fake<GoogleAdsState>> {
  const state: GoogleAdsState = {
    oauth: fakeOauth({ refresh_token: "refresh-of-the-lab" }),
    lists: [],
    jobs: new Map(),
    refuse: new Set(),
    looks: 1,
    allowed: true,
    overlaps: 0,
  };
  return startFake(state, (request) => {
    const { method, path, headers } = request;
    if (path === "/token") return state.oauth.token(request);
    if (!state.oauth.knows(request)) return { status: 401, body: { error: { status: "UNAUTHENTICATED" } } };
    if (headers["developer-token"] !== developer) return refused("authenticationError", "DEVELOPER_TOKEN_INVALID", 403);
    const [, call = ""] = /^\/v25\/customers\/1234567890\/(.*)$/.exec(path) ?? [];
    if (method !== "POST") return { status: 404 };
    if (call === "googleAds:search") return queried(state, request.body?.query ?? "");
    if (call === "userLists:mutate") return made(state, request);
    if (call === "offlineUserDataJobs:create") return begun(state, request);
    const [, id = "", step] = /^offlineUserDataJobs\/(\d+):(\w+)$/.exec(call) ?? [];
    const job = state.jobs.get(id);
    if (job === undefined || job.status !== "PENDING") return { status: 404, body: { error: { status: "NOT_FOUND" } } };
    return step === "addOperations" ? filled(state, job, request) : run(state, job);
  });
}

function queried(state: GoogleAdsState, query: string): FakeAnswer {
  const where = (field: string): string | undefined =>
    new RegExp(`${field.replaceAll(".", "\\.")} = '?((?:[^'\\\\]|\\\\.)*)`).exec(query)?.[1]?.replace(/\\(.)/g, "$1");
  const rows = (some: readonly object[]): FakeAnswer => ({
    status: 200,
    body: { ...(some.length > 0 && { results: some }), fieldMask: "" },
  });
  if (query.includes("FROM customer")) return rows([{ customer: { id: "1234567890" } }]);
  if (query.includes("FROM user_list")) {
    const name = where("user_list.name");
    const some = state.lists.filter((list) =>
      name === undefined ? list.id === where("user_list.id") : list.name === name,
    );
    return rows(
      some.map(({ members, ...list }) => ({
        userList: { ...list, sizeForDisplay: String(members.size), sizeForSearch: "0" },
      })),
    );
  }
  const list = where("offline_user_data_job.customer_match_user_list_metadata.user_list");
  if (list !== undefined) {
    const running = [...state.jobs].filter(([, job]) => job.status === "RUNNING" && list.endsWith(`/${job.list.id}`));
    return rows(running.map(([id]) => ({ offlineUserDataJob: { id } })));
  }
  const job = state.jobs.get(where("offline_user_data_job.id") ?? "");
  if (job?.status === "RUNNING" && (job.looks -= 1) < 0) job.status = "SUCCESS";
  const told = job?.status === "SUCCESS" ? { operationMetadata: { matchRateRange: "MATCH_RANGE_71_TO_80" } } : {};
  return rows(job === undefined ? [] : [{ offlineUserDataJob: { status: job.status, ...told } }]);
}

function made(state: GoogleAdsState, { body }: FakeRequest): FakeAnswer {
  const { name, description, membershipLifeSpan, crmBasedUserList } = body?.operations?.[0]?.create ?? {};
  if (crmBasedUserList?.uploadKeyType !== "CONTACT_INFO" || Number(membershipLifeSpan) > 540)
    return refused("rangeError", "TOO_HIGH");
  if (state.lists.some((list) => list.name === name)) return refused("userListError", "NAME_ALREADY_USED");
  const id = String(9_001_000 + state.lists.length);
  state.lists.push({ id, name, description, membershipLifeSpan, members: new Set() });
  return { status: 200, body: { results: [{ resourceName: `customers/1234567890/userLists/${id}` }] } };
}

function begun(state: GoogleAdsState, { body }: FakeRequest): FakeAnswer {
  if (!state.allowed) return refused("notAllowlistedError", "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE", 403);
  const userList: string = body?.job?.customerMatchUserListMetadata?.userList ?? "";
  const list = state.lists.find(({ id }) => userList === `customers/1234567890/userLists/${id}`);
  if (list === undefined || body.job.type !== "CUSTOMER_MATCH_USER_LIST")
    return refused("offlineUserDataJobError", "INVALID_USER_LIST_ID");
  const id = String(70 + state.jobs.size);
  state.jobs.set(id, { list, operations: [], status: "PENDING", looks: state.looks });
  return { status: 200, body: { resourceName: `customers/1234567890/offlineUserDataJobs/${id}` } };
}

/** Identifiers of an operation, `kind:hash` each; null where Google takes none like it. */
function identifiersOf(state: GoogleAdsState, { userIdentifiers = [], consent }: Part): readonly string[] | null {
  if (consent !== undefined || userIdentifiers.length === 0 || userIdentifiers.length > 20) return null;
  const found: string[] = [];
  for (const { hashedEmail, hashedPhoneNumber, addressInfo } of userIdentifiers) {
    const hashes = addressInfo
      ? [addressInfo.hashedFirstName, addressInfo.hashedLastName]
      : [hashedEmail ?? hashedPhoneNumber];
    if (hashes.some((hash) => !/^[0-9a-f]{64}$/.test(String(hash)) || state.refuse.has(hash))) return null;
    if (addressInfo === undefined)
      found.push(`${hashedEmail === undefined ? "hashedPhoneNumber" : "hashedEmail"}:${hashes[0]}`);
  }
  return found;
}

function filled(state: GoogleAdsState, job: Job, { body }: FakeRequest): FakeAnswer {
  const operations: readonly Part[] = body?.operations ?? [];
  const errors = operations.flatMap(({ create, remove }, index) => {
    const identifiers = identifiersOf(state, create ?? remove);
    const op = create === undefined ? "remove" : "create";
    const mixed = job.operations.some(([other]) => other !== op);
    if (identifiers !== null && !mixed) job.operations.push([op, identifiers]);
    const code = mixed ? "CONFLICTING_OPERATION" : "INVALID_SHA256_FORMAT";
    const location = { fieldPathElements: [{ fieldName: "operations", index }, { fieldName: op }] };
    const error = { errorCode: { offlineUserDataJobError: code }, message: "The value is not SHA-256.", location };
    return identifiers === null || mixed ? [error] : [];
  });
  if (errors.length === 0) return { status: 200, body: {} };
  const answer = failure(errors).body as { readonly error: object };
  return body?.enablePartialFailure === true
    ? { status: 200, body: { partialFailureError: { ...answer.error, code: 3 } } }
    : { status: 400, body: answer };
}

function run(state: GoogleAdsState, job: Job): FakeAnswer {
  if ([...state.jobs.values()].some((each) => each.status === "RUNNING" && each.list === job.list)) state.overlaps += 1;
  job.status = "RUNNING";
  for (const [op, identifiers] of job.operations)
    for (const one of identifiers) job.list.members[op === "create" ? "add" : "delete"](one);
  return { status: 200, body: { name: "customers/1234567890/operations/1" } };
}
