import { oauth1Signature } from "../../src/destination/index.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface XAudience {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly audience_type: "CRM";
  /** `email:<hash>` and the like, and until when. */
  readonly members: Map<string, string>;
}

export interface XState {
  readonly audiences: XAudience[];
  /** Names that were used and deleted. */
  readonly deleted: Set<string>;
  /** Values whose operation spoils the request. */
  readonly refuse: Set<string>;
  /** Audiences on a page of the list, at most. */
  page: number;
  /** Users that X forgets to count. */
  uncounted: number;
}

export interface XKeys {
  readonly consumer_key: string;
  readonly consumer_secret: string;
  readonly access_token: string;
  readonly access_token_secret: string;
}

const error = (status: number, code: string, message: string): FakeAnswer => ({
  status,
  body: { errors: [{ code, message }], request: {} },
});

/** Custom audiences of X: requests must be signed, operations are taken all or none. */
export function startFakeX(keys: XKeys): Promise<Fake<XState>> {
  const state: XState = { audiences: [], deleted: new Set(), refuse: new Set(), page: 1000, uncounted: 0 };
  return startFake(state, (request, url) => {
    if (!isSigned(request, url, keys)) return error(401, "UNAUTHORIZED_ACCESS", "This request is not authorized");
    const path = new URL(request.path, url);
    const [, version, , account, , id, edge] = path.pathname.split("/");
    if (version !== "12" || account !== "18ce54d4x5t")
      return error(403, "UNAUTHORIZED_CLIENT_APPLICATION", "Not admitted");
    if (id === undefined) return request.method === "GET" ? listed(state, path) : made(state, path);
    const audience = state.audiences.find((each) => each.id === id);
    if (audience === undefined) return error(404, "NOT_FOUND", "The audience was not found");
    if (edge === "users") return changed(state, audience, request);
    return { status: 200, body: { data: { ...audience, members: undefined, audience_size: audience.members.size } } };
  });
}

function isSigned(request: FakeRequest, url: string, keys: XKeys): boolean {
  const header = request.headers["authorization"] ?? "";
  const { oauth_signature: signature, ...oauth } = Object.fromEntries(
    [...header.matchAll(/(oauth_\w+)="([^"]*)"/g)].map(([, name, value]) => [name, decodeURIComponent(value ?? "")]),
  );
  if (oauth["oauth_consumer_key"] !== keys.consumer_key || oauth["oauth_token"] !== keys.access_token) return false;
  const secrets = { consumer: keys.consumer_secret, token: keys.access_token_secret };
  return signature === oauth1Signature({ ...request, url: new URL(request.path, url).href }, oauth, secrets);
}

function listed({ audiences, page }: XState, { searchParams }: URL): FakeAnswer {
  const asked = searchParams.get("q")?.toLowerCase() ?? "";
  const named = audiences.filter(({ name }) => name.toLowerCase().startsWith(asked));
  const from = Number(searchParams.get("cursor") ?? 0);
  const some = named.slice(from, from + page).map((each) => ({ ...each, members: undefined }));
  const next_cursor = from + page < named.length ? String(from + page) : null;
  return { status: 200, body: { data: some, next_cursor, request: {} } };
}

function made(state: XState, { searchParams }: URL): FakeAnswer {
  const name = searchParams.get("name") ?? "";
  if (state.deleted.has(name) || state.audiences.some((each) => each.name === name))
    return error(400, "INVALID_PARAMETER", "Name is taken or was deleted");
  const id = `1nm${state.audiences.length}`;
  const audience = { id, name, description: searchParams.get("description"), audience_type: "CRM" as const };
  state.audiences.push({ ...audience, members: new Map() });
  return { status: 201, body: { data: audience, request: {} } };
}

function changed(state: XState, { members }: XAudience, { body, text }: FakeRequest): FakeAnswer {
  if (!Array.isArray(body) || body.length === 0 || body.length > 2500 || Buffer.byteLength(text) > 5_000_000)
    return error(400, "INVALID", "1 to 2500 operations, 5000000 bytes");
  const operations = (body as readonly any[]).map(({ operation_type: type, params }) => ({
    type,
    until: params.expires_at,
    users: params.users as readonly Record<string, string[]>[],
  }));
  const valuesOf = (users: readonly Record<string, string[]>[]): readonly (readonly [string, string])[] =>
    users.flatMap((user) =>
      Object.entries(user).flatMap(([kind, values]) => values.map((value) => [kind, value] as const)),
    );
  const problems = operations.map(({ users }) => {
    const bad = valuesOf(users).some(
      ([kind, value]) => state.refuse.has(value) || (kind !== "partner_user_id" && !/^[0-9a-f]{64}$/.test(value)),
    );
    return bad ? [{ code: "INVALID_PARAMETER", message: "A user was not understood", parameter: "users" }] : [];
  });
  if (problems.some(({ length }) => length > 0))
    return { status: 400, body: { operation_errors: problems, request: {} } };
  for (const { type, users, until } of operations) {
    for (const [kind, value] of valuesOf(users)) {
      if (type === "Delete") members.delete(`${kind}:${value}`);
      else members.set(`${kind}:${value}`, until);
    }
  }
  const count = operations.flatMap(({ users }) => users).length - state.uncounted;
  return { status: 200, body: { data: { success_count: count, total_count: count }, request: {} } };
}
