import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

type Fields = Record<string, any>;

export interface PipedriveState {
  /** By id; `deleted` ones are only marked. */
  readonly persons: Map<number, Fields>;
  readonly organizations: Map<number, Fields>;
  /** Values whose records are refused. */
  readonly refuse: Set<string>;
  /** Records that the search does not know yet. */
  readonly unindexed: Set<number>;
  /** New records come to the search only later. */
  lags: boolean;
  /** Whose account the credentials open. */
  account: number;
  next: number;
}

const fault = (status: number, error: string, code?: string): FakeAnswer => ({
  status,
  body: { success: false, error, error_info: "Please check developers.pipedrive.com", ...(code && { code }) },
});
const data = (value: unknown, status = 200): FakeAnswer => ({ status, body: { success: true, data: value } });

/** Persons and organizations of a company, with the search beside them. */
export function startFakePipedrive(options: { readonly token?: string } = {}): Promise<Fake<PipedriveState>> {
  const state: PipedriveState = {
    persons: new Map(),
    organizations: new Map(),
    refuse: new Set(),
    unindexed: new Set(),
    lags: false,
    account: 1,
    next: 1,
  };
  return startFake(state, (request) => {
    if (options.token !== undefined && request.headers["x-api-token"] !== options.token)
      return fault(401, "unauthorized access");
    const url = new URL(request.path, "http://fake");
    if (url.pathname === "/api/v1/users/me") return data({ id: 7, company_id: state.account });
    const [, , , what, id] = url.pathname.split("/");
    if (what === "itemSearch") return byField(state, url);
    if (what !== "persons" && what !== "organizations") return fault(404, "Unknown method.");
    if (id === "search") return search(state, what, url);
    if (id === undefined) return request.method === "GET" ? data([]) : write(state, what, state.next++, request, true);
    return record(state, what, Number(id), request);
  });
}

const shown = (id: number, { deleted, ...fields }: Fields): Fields => ({ id, ...fields, is_deleted: deleted === true });
const same = (a: unknown, b: unknown): boolean => String(a).toLowerCase() === String(b).toLowerCase();

function write(
  state: PipedriveState,
  what: "persons" | "organizations",
  id: number,
  { body }: FakeRequest,
  made: boolean,
): FakeAnswer {
  const texts = JSON.stringify(body);
  const refused = [...state.refuse].find((value) => texts.includes(value));
  if (refused !== undefined) return fault(400, `Validation failed: ${refused}`, "ERR_SCHEMA_VALIDATION_FAILED");
  const held = state[what].get(id) ?? {};
  const custom_fields = { ...held["custom_fields"], ...body.custom_fields };
  const now = { ...held, ...body, custom_fields };
  if (typeof now.name !== "string" || now.name === "")
    return fault(400, "name: required", "ERR_SCHEMA_VALIDATION_FAILED");
  state[what].set(id, now);
  if (made && state.lags) state.unindexed.add(id);
  return data(shown(id, now), made ? 201 : 200);
}

function record(
  state: PipedriveState,
  what: "persons" | "organizations",
  id: number,
  request: FakeRequest,
): FakeAnswer {
  const held = state[what].get(id);
  if (held === undefined) return fault(404, "Not found");
  if (request.method === "GET") return data(shown(id, held));
  if (held["deleted"] === true) return fault(410, "This item has been deleted");
  if (request.method === "PATCH") return write(state, what, id, request, false);
  held["deleted"] = true;
  return data({ id });
}

const findable = (state: PipedriveState, what: "persons" | "organizations"): readonly (readonly [number, Fields])[] =>
  [...state[what]].filter(([id, { deleted }]) => deleted !== true && !state.unindexed.has(id));

function search(state: PipedriveState, what: "persons" | "organizations", url: URL): FakeAnswer {
  const [term, by] = [url.searchParams.get("term"), url.searchParams.get("fields")];
  if (url.searchParams.get("exact_match") !== "true") return fault(400, "this fake only knows exact matches");
  const has = (fields: Fields): boolean =>
    by === "email"
      ? (fields["emails"] ?? []).some((each: Fields) => same(each["value"], term))
      : same(fields["name"], term);
  const found = findable(state, what).filter(([, fields]) => has(fields));
  return data({ items: found.map(([id, { name }]) => ({ result_score: 1, item: { id, type: "person", name } })) });
}

function byField(state: PipedriveState, url: URL): FakeAnswer {
  const [term, field, type] = ["term", "field", "entity_type"].map((name) => url.searchParams.get(name) ?? "");
  const found = findable(state, type === "person" ? "persons" : "organizations");
  return data(
    found
      .filter(([, { custom_fields: custom }]) => same(custom?.[field!], term))
      .map(([id, { name }]) => ({ id, name })),
  );
}
