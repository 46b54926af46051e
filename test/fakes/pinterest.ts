import { type FakeOauth, fakeOauth } from "./oauth.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface PinterestList {
  readonly id: string;
  readonly name: string;
  readonly list_type: string;
  readonly members: Set<string>;
}

export interface PinterestAudience {
  readonly id: string;
  readonly name: string;
  readonly rule: { readonly customer_list_id: string };
}

export interface PinterestState {
  readonly oauth: FakeOauth;
  readonly lists: PinterestList[];
  readonly audiences: PinterestAudience[];
  /** Records that spoil the whole request they are in. */
  readonly refuse: Set<string>;
  /** Items on a page, at most. */
  page: number;
}

const error = (status: number, code: number, message: string): FakeAnswer => ({ status, body: { code, message } });

/** Customer lists of Pinterest, made with records and changed by them, and audiences over them. */
export function startFakePinterest(): Promise<Fake<PinterestState>> {
  const state: PinterestState = {
    oauth: fakeOauth({ refresh_token: "refresh-of-the-lab" }),
    lists: [],
    audiences: [],
    refuse: new Set(),
    page: 250,
  };
  return startFake(state, (request, url) => {
    const path = new URL(request.path, url);
    if (path.pathname === "/v5/oauth/token")
      return request.headers["authorization"]?.startsWith("Basic ") === true
        ? state.oauth.token(request)
        : error(401, 2, "Authentication failed.");
    if (!state.oauth.knows(request)) return error(401, 2, "Authentication failed.");
    const [, , , account, edge, id] = path.pathname.split("/");
    if (account !== "549") return error(403, 29, "You are not permitted to access that resource.");
    if (edge === "audiences") return request.method === "GET" ? audiencesOf(state, path) : overlaid(state, request);
    if (request.method === "GET") return paged(state.lists.map(told), state.page, path);
    return id === undefined ? made(state, request) : changed(state, id, request);
  });
}

const told = ({ members, ...list }: PinterestList): object => ({
  ...list,
  type: "customerlist",
  status: members.size < 100 ? "TOO_SMALL" : "READY",
  exceptions: {},
});

function paged(all: readonly object[], size: number, { searchParams }: URL): FakeAnswer {
  const from = Number(searchParams.get("bookmark") ?? 0);
  const most = Math.min(size, Number(searchParams.get("page_size") ?? 25));
  const bookmark = from + most < all.length ? String(from + most) : null;
  return { status: 200, body: { items: all.slice(from, from + most), bookmark } };
}

/** The hashes of a request, or why it is refused. */
function recordsOf({ refuse }: PinterestState, { body }: FakeRequest): readonly string[] | FakeAnswer {
  const records: unknown = body?.records;
  if (typeof records !== "string" || records === "") return error(400, 1, "records are required");
  const all = records.split(",");
  return all.some((record) => !/^[0-9a-f]{64}$/.test(record) || refuse.has(record))
    ? error(400, 1, "A record is not valid.")
    : all;
}

function made(state: PinterestState, request: FakeRequest): FakeAnswer {
  const records = recordsOf(state, request);
  if ("status" in records) return records;
  const { name, list_type } = request.body;
  const list = { id: String(643 + state.lists.length), name, list_type, members: new Set(records) };
  state.lists.push(list);
  return { status: 200, body: told(list) };
}

function changed(state: PinterestState, id: string, request: FakeRequest): FakeAnswer {
  const list = state.lists.find((each) => each.id === id);
  if (list === undefined) return error(404, 50, "The customer list was not found.");
  const records = recordsOf(state, request);
  if ("status" in records) return records;
  for (const record of records) {
    if (request.body.operation_type === "REMOVE") list.members.delete(record);
    else list.members.add(record);
  }
  return { status: 200, body: told(list) };
}

function audiencesOf({ audiences, lists, page }: PinterestState, path: URL): FakeAnswer {
  const sized = audiences.map((audience) => ({
    ...audience,
    size: lists.find(({ id }) => id === audience.rule.customer_list_id)?.members.size,
  }));
  return paged(sized, page, path);
}

function overlaid({ audiences, lists }: PinterestState, { body }: FakeRequest): FakeAnswer {
  const { name, audience_type: type, rule } = body ?? {};
  if (type !== "CUSTOMER_LIST" || !lists.some(({ id }) => id === rule?.customer_list_id))
    return error(400, 1, "The rule names no customer list.");
  const audience = { id: String(90 + audiences.length), name, rule };
  audiences.push(audience);
  return { status: 200, body: { ...audience, status: "INITIALIZING" } };
}
