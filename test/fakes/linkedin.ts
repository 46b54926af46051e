import { type FakeOauth, fakeOauth } from "./oauth.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface LinkedinSegment {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly status?: string;
  readonly description: string;
  /** `SHA256_EMAIL:<hash>`, `companyName:<name>` and the like. */
  readonly members: Set<string>;
}

export interface LinkedinState {
  readonly oauth: FakeOauth;
  readonly segments: LinkedinSegment[];
  /** Values whose row is refused. */
  readonly refuse: Set<string>;
  /** First names as last sent, by the value of the first id. */
  readonly names: Map<string, string>;
  /** So many writes to segments are answered 404, as new segments do. */
  young: number;
}

const error = (status: number, message: string): FakeAnswer => ({ status, body: { status, message } });

/** DMP segments of LinkedIn: made, listed at once, streamed to with a verdict a row. */
export function startFakeLinkedin(): Promise<Fake<LinkedinState>> {
  const state: LinkedinState = {
    oauth: fakeOauth({ refresh_token: "refresh-of-the-lab" }),
    segments: [],
    refuse: new Set(),
    names: new Map(),
    young: 0,
  };
  return startFake(state, (request, url) => {
    const path = new URL(request.path, url);
    if (path.pathname === "/oauth/v2/accessToken") return state.oauth.token(request);
    if (!state.oauth.knows(request)) return error(401, "Invalid access token");
    if (!/^\d{6}$/.test(request.headers["linkedin-version"] ?? "")) return error(400, "A version must be present");
    if (request.headers["x-restli-protocol-version"] !== "2.0.0") return error(400, "Protocol 2.0.0 is required");
    const [, , , id, edge] = path.pathname.split("/");
    if (id === undefined) return request.method === "GET" ? listed(state, path) : made(state, request);
    const segment = state.segments.find((each) => each.id === id);
    if (segment === undefined) return error(404, "Could not find entity");
    if (edge === undefined) return { status: 200, body: told(segment) };
    return streamed(state, segment, edge, request);
  });
}

function told({ members, id, ...segment }: LinkedinSegment): object {
  const counts = { inputCount: 2 * members.size, matchedCount: members.size, audienceSize: members.size };
  return { ...segment, id: Number(id), destinations: [{ destination: "LINKEDIN", ...counts }] };
}

function listed({ segments }: LinkedinState, url: URL): FakeAnswer {
  if (url.searchParams.get("account") !== "urn:li:sponsoredAccount:123") return error(403, "Not enough permissions");
  return { status: 200, body: { elements: segments.map(told), paging: { start: 0, total: segments.length } } };
}

function made(state: LinkedinState, { body }: FakeRequest): FakeAnswer {
  if (body?.destinations?.[0]?.destination !== "LINKEDIN" || !["USER", "COMPANY"].includes(body.type))
    return error(400, "Cannot make it");
  const id = String(1000 + state.segments.length);
  const { name, type, description } = body;
  state.segments.push({ id, name, type, status: "BUILDING", description, members: new Set() });
  return { status: 201, headers: { "x-linkedin-id": id } };
}

function streamed(state: LinkedinState, segment: LinkedinSegment, edge: string, request: FakeRequest): FakeAnswer {
  if (request.headers["x-restli-method"] !== "BATCH_CREATE") return error(400, "X-RestLi-Method is required");
  if (edge !== (segment.type === "USER" ? "users" : "companies")) return error(400, "Of another type");
  if (state.young > 0) {
    state.young -= 1;
    return error(404, "The segment was not found");
  }
  const rows: readonly Record<string, any>[] = request.body?.elements ?? [];
  if (rows.length === 0 || rows.length > 5000) return error(400, "1 to 5000 elements");
  return { status: 200, body: { elements: rows.map((row) => changed(state, segment, row)) } };
}

function changed(state: LinkedinState, { members }: LinkedinSegment, row: Record<string, any>): object {
  const { action, userIds, ...parts } = row;
  const values: readonly (readonly [string, string])[] =
    userIds?.map(({ idType, idValue }: Record<string, string>) => [idType, idValue]) ?? Object.entries(parts);
  const [first] = values;
  const unhashed = values.some(([type, value]) => type === "SHA256_EMAIL" && !/^[0-9a-f]{64}$/.test(value));
  if (first === undefined || unhashed || values.some(([, value]) => state.refuse.has(value)))
    return { status: 400, error: { status: 400, message: "Invalid user" } };
  for (const [type, value] of values) {
    if (action === "REMOVE") members.delete(`${type}:${value}`);
    else members.add(`${type}:${value}`);
  }
  if (typeof parts["firstName"] === "string") state.names.set(first[1], parts["firstName"]);
  return { status: action === "REMOVE" ? 200 : 201 };
}
