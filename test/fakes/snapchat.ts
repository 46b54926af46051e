import { type FakeOauth, fakeOauth } from "./oauth.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface SnapchatSegment {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** `EMAIL_SHA256:<hash>` and the like. */
  readonly members: Set<string>;
}

export interface SnapchatState {
  readonly oauth: FakeOauth;
  readonly segments: SnapchatSegment[];
  /** Hashes that spoil the whole request they are in. */
  readonly refuse: Set<string>;
  /** Segments on a page of the list. */
  page: number;
}

const fault = (status: number, code: string, message: string): FakeAnswer => ({
  status,
  body: { request_status: "ERROR", request_id: "fake", display_message: message, error_code: code },
});

/** Customer lists of Snapchat: made, listed over pages, filled one kind of identifier a request. */
export function startFakeSnapchat(): Promise<Fake<SnapchatState>> {
  const state: SnapchatState = {
    oauth: fakeOauth({ refresh_token: "refresh-of-the-lab" }),
    segments: [],
    refuse: new Set(),
    page: 50,
  };
  return startFake(state, (request, url) => {
    const path = new URL(request.path, url);
    if (path.pathname === "/login/oauth2/access_token") return state.oauth.token(request);
    if (!state.oauth.knows(request)) return { status: 401, body: {} };
    const [, , resource, id = "", edge] = path.pathname.split("/");
    if (resource === "adaccounts" && edge === "segments")
      return request.method === "GET" ? listed(state, path) : made(state, request);
    if (resource === "adaccounts") return { status: 200, body: { request_status: "SUCCESS", adaccounts: [] } };
    const segment = state.segments.find((each) => each.id === id);
    if (segment === undefined) return fault(404, "E1008", "The segment does not exist.");
    if (edge === "users") return changed(state, segment, request);
    const found = { ...segment, members: undefined, approximate_number_users: segment.members.size };
    return { status: 200, body: { request_status: "SUCCESS", segments: [{ segment: found }] } };
  });
}

function listed({ segments, page }: SnapchatState, url: URL): FakeAnswer {
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const some = segments
    .slice(from, from + page)
    .map(({ id, name, description }) => ({ segment: { id, name, description } }));
  url.searchParams.set("cursor", String(from + page));
  const paging = from + page < segments.length ? { paging: { next_link: url.href } } : {};
  return { status: 200, body: { request_status: "SUCCESS", segments: some, ...paging } };
}

function made(state: SnapchatState, { body }: FakeRequest): FakeAnswer {
  const wanted = body?.segments?.[0];
  if (wanted?.source_type !== "FIRST_PARTY" || wanted.name.length > 375) return fault(400, "E1001", "Cannot make it.");
  const segment = { id: String(5670 + state.segments.length), name: wanted.name, description: wanted.description };
  state.segments.push({ ...segment, members: new Set() });
  return { status: 200, body: { request_status: "SUCCESS", segments: [{ sub_request_status: "SUCCESS", segment }] } };
}

function changed(state: SnapchatState, segment: SnapchatSegment, { method, body }: FakeRequest): FakeAnswer {
  const { schema, data } = body?.users?.[0] ?? {};
  if (schema?.length !== 1 || !Array.isArray(data)) return fault(400, "E1001", "One schema a request.");
  const values = (data as string[][]).map(([value]) => value ?? "");
  if (values.length > 100_000 || new Set(values).size < values.length)
    return fault(400, "E1001", "Too many, or twice.");
  if (values.some((value) => !/^[0-9a-f]{64}$/.test(value) || state.refuse.has(value)))
    return fault(400, "E1001", "A value is not a hash.");
  for (const value of values) {
    if (method === "DELETE") segment.members.delete(`${schema[0]}:${value}`);
    else segment.members.add(`${schema[0]}:${value}`);
  }
  const user = { number_uploaded_users: values.length };
  return { status: 200, body: { request_status: "SUCCESS", users: [{ sub_request_status: "SUCCESS", user }] } };
}
