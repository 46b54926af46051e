import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

type Attributes = Readonly<Record<string, unknown>>;
interface Item {
  readonly type: string;
  readonly action: string;
  readonly identifiers: Readonly<Record<string, string>>;
  readonly attributes?: Attributes;
  readonly id?: string;
  readonly name?: string;
}

export interface CustomerioState {
  /** `kind:value` of the one identifier a call named -> attributes. */
  readonly people: Map<string, Attributes>;
  /** Manual segments; members as in `people`. */
  readonly segments: Map<string, Set<string>>;
  /** By ULID. */
  readonly events: Map<string, Item>;
  /** Texts of items that are refused, each by its index. */
  readonly refuse: Set<string>;
  /** Whose account the credentials open. */
  account: number;
}

const errors = (status: number, list: readonly object[]): FakeAnswer => ({ status, body: { errors: list } });
const done: FakeAnswer = { status: 200, body: {} };

/** The Track API of a workspace in the United States: batches of 500 KB, 207 by index, manual segments. */
export function startFakeCustomerio(
  options: { readonly site?: string; readonly key?: string } = {},
): Promise<Fake<CustomerioState>> {
  const state: CustomerioState = {
    people: new Map(),
    segments: new Map(),
    events: new Map(),
    refuse: new Set(),
    account: 1,
  };
  const basic = `Basic ${Buffer.from(`${options.site}:${options.key}`).toString("base64")}`;
  return startFake(state, (request) => {
    if (options.key !== undefined && request.headers["authorization"] !== basic)
      return { status: 401, body: { meta: { errors: ["unauthorized"] } } };
    const { pathname, searchParams } = new URL(request.path, "http://fake");
    if (pathname === "/api/v1/accounts/region")
      return { status: 200, body: { region: "us", url: "fake", environment_id: state.account } };
    if (pathname === "/api/v2/batch") return batch(state, request);
    const [, id = "", way] = /^\/api\/v1\/segments\/(\w+)\/(add|remove)_customers$/.exec(pathname) ?? [];
    return segmentCall(state, state.segments.get(id), way, searchParams.get("id_type") ?? "id", request);
  });
}

function batch(state: CustomerioState, { body, text }: FakeRequest): FakeAnswer {
  const items: readonly Item[] = body?.batch ?? [];
  if (items.length === 0 || Buffer.byteLength(text) >= 500_000)
    return errors(400, [{ reason: "invalid", field: "batch", message: "empty, or larger than 500kb" }]);
  const refused: object[] = [];
  for (const [batch_index, item] of items.entries()) {
    const words = JSON.stringify(item);
    const named = Object.entries(item.identifiers ?? {});
    const no = (field: string, message: string) => refused.push({ batch_index, reason: "invalid", field, message });
    if (named.length !== 1 || named[0]?.[1] === "") no("identifiers", "exactly one identifier is needed");
    else if (Buffer.byteLength(words) > 32_768) no("attributes", "larger than 32kb");
    else if ([...state.refuse].some((part) => words.includes(part))) no("attributes", "a value is not valid");
    else take(state, item, named[0]!.join(":"));
  }
  return refused.length === 0 ? done : errors(207, refused);
}

function take({ people, events }: CustomerioState, item: Item, person: string): void {
  const { _update, ...attributes } = item.attributes ?? {};
  if (item.action === "delete") people.delete(person);
  else if (item.action === "event") events.set(item.id ?? "", item);
  else if (_update !== true || people.has(person)) {
    const merged = Object.entries({ ...people.get(person), ...attributes }).filter(([, value]) => value !== null);
    people.set(person, Object.fromEntries(merged));
  }
}

/** Who is unknown is passed over in silence. */
function segmentCall(
  { people }: CustomerioState,
  segment: Set<string> | undefined,
  way: string | undefined,
  kind: string,
  { body }: FakeRequest,
): FakeAnswer {
  if (segment === undefined) return { status: 404, body: { meta: { errors: ["no such segment"] } } };
  const ids: readonly string[] = body?.ids ?? [];
  if (ids.length === 0 || ids.length > 1000) return { status: 400, body: { meta: { errors: ["1 to 1000 ids"] } } };
  for (const person of ids.map((id) => `${kind}:${id}`))
    if (way === "remove") segment.delete(person);
    else if (people.has(person)) segment.add(person);
  return done;
}
