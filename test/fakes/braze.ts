import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

type Item = Readonly<Record<string, unknown>>;
export type BrazeUser = Readonly<Record<string, unknown>>;

export interface BrazeState {
  /** Identity as JSON -> attributes. */
  readonly users: Map<string, BrazeUser>;
  readonly events: Item[];
  /** Texts of items that are refused, each by its index. */
  readonly refuse: Set<string>;
}

const fatal = (status: number, message: string): FakeAnswer => ({ status, body: { message } });

/** `/users/track` and `/users/delete` of Braze: 75 items a request, errors by index under HTTP 201. */
export function startFakeBraze(options: { readonly key?: string } = {}): Promise<Fake<BrazeState>> {
  const state: BrazeState = { users: new Map(), events: [], refuse: new Set() };
  return startFake(state, (request) => {
    if (options.key !== undefined && request.headers["authorization"] !== `Bearer ${options.key}`)
      return fatal(401, "Invalid API Key");
    if (request.path === "/users/track") return track(state, request);
    if (request.path === "/users/delete") return erase(state, request);
    return fatal(404, "Invalid URL");
  });
}

function identity(item: Item): string | undefined {
  const kind = ["external_id", "braze_id", "user_alias"].find((name) => item[name] !== undefined);
  return kind === undefined ? undefined : JSON.stringify({ [kind]: item[kind] });
}

function track(state: BrazeState, { body, text }: FakeRequest): FakeAnswer {
  const { attributes = [], events = [] } = (body ?? {}) as Record<string, readonly Item[]>;
  if (attributes.length + events.length === 0) return fatal(400, "No attributes, events or purchases were given");
  if (attributes.length > 75 || events.length > 75 || text.length > 4_000_000) return fatal(400, "Payload too large");
  const errors: object[] = [];
  const taken = (items: readonly Item[], input_array: string, take: (item: Item, id: string) => void): number => {
    for (const [index, item] of items.entries()) {
      const id = identity(item);
      const refused = [...state.refuse].some((part) => JSON.stringify(item).includes(part));
      if (id === undefined || refused)
        errors.push({ type: refused ? "an attribute is not valid" : "no identifier", input_array, index });
      else take(item, id);
    }
    return items.length - errors.length;
  };
  const attributes_processed = taken(attributes, "attributes", (item, id) => upsert(state, item, id));
  const events_processed = taken(events, "events", (item) => void state.events.push(item));
  const processed = { attributes_processed, events_processed };
  return { status: 201, body: { message: "success", ...processed, ...(errors.length === 0 ? {} : { errors }) } };
}

function upsert({ users }: BrazeState, { _update_existing_only, ...item }: Item, id: string): void {
  if (_update_existing_only === true && !users.has(id)) return;
  const merged = Object.entries({ ...users.get(id), ...item }).filter(([, value]) => value !== null);
  users.set(id, Object.fromEntries(merged));
}

function erase({ users }: BrazeState, { body }: FakeRequest): FakeAnswer {
  const named = Object.entries((body ?? {}) as Record<string, readonly unknown[]>);
  const [list, ids] = named[0] ?? [];
  const kind = { external_ids: "external_id", braze_ids: "braze_id", user_aliases: "user_alias" }[list ?? ""];
  if (named.length !== 1 || kind === undefined || ids === undefined) return fatal(400, "Exactly one list is required");
  if (ids.length > 50) return fatal(400, "At most 50 users");
  const deleted = ids.filter((id) => users.delete(JSON.stringify({ [kind]: id }))).length;
  return { status: 201, body: { message: "success", deleted } };
}
