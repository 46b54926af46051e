import { fakeOauth } from "./oauth.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

type Fields = Record<string, any>;

export interface ZohoState {
  /** By id. */
  readonly records: Map<string, Fields>;
  /** Values of fields whose records are refused. */
  readonly refuse: Set<string>;
  /** Calls that set off a workflow. */
  triggered: number;
  /** Whose account the credentials open. */
  account: string;
  next: number;
}

const fault = (status: number, code: string, message: string): FakeAnswer => ({
  status,
  body: { status: "error", code, message, details: {} },
});
const failed = (code: string, message: string, details: object): Fields => ({
  status: "error",
  code,
  message,
  details,
});

/** One module of Zoho CRM whose `Email` and `Code` are unique. */
export function startFakeZoho(): Promise<Fake<ZohoState>> {
  const state: ZohoState = { records: new Map(), refuse: new Set(), triggered: 0, account: "1", next: 1 };
  const oauth = fakeOauth({ session: { api_domain: "https://www.zohoapis.eu" }, scheme: "Zoho-oauthtoken" });
  return startFake(state, (request) => {
    if (request.path === "/oauth/v2/token") return oauth.token(request);
    if (!oauth.knows(request)) return fault(401, "INVALID_TOKEN", "invalid oauth token");
    const url = new URL(request.path, "http://fake");
    const [, , , module, edge] = url.pathname.split("/");
    if (module === "org") return { status: 200, body: { org: [{ zgid: state.account }] } };
    if (module !== "Contacts") return fault(400, "INVALID_MODULE", "the module name given seems to be invalid");
    if (edge === "search") return search(state, url);
    if (request.method === "GET") return { status: 204 };
    if (request.method === "DELETE") return deletes(state, url);
    return write(state, request, edge === "upsert");
  });
}

const same = (a: unknown, b: unknown): boolean => String(a).toLowerCase() === String(b).toLowerCase();

function write(state: ZohoState, { body }: FakeRequest, upserting: boolean): FakeAnswer {
  const data: readonly Fields[] = body.data;
  if (data.length > 100) return fault(400, "LIMIT_EXCEEDED", "Record count exceeded");
  if (body.trigger.includes("workflow")) state.triggered += 1;
  const check: readonly string[] = upserting ? body.duplicate_check_fields : [];
  return answer(data.map((record) => one(state, record, check, upserting)));
}

/** 200, 207 where some are refused, 400 where all are. */
function answer(data: readonly Fields[]): FakeAnswer {
  const bad = data.filter(({ status }) => status === "error").length;
  return { status: bad === 0 ? 200 : bad === data.length ? 400 : 207, body: { data } };
}

function one(state: ZohoState, { id: given, ...fields }: Fields, check: readonly string[], upserting: boolean): Fields {
  if (!upserting && !state.records.has(given))
    return failed("INVALID_DATA", "the id given seems to be invalid", { id: given });
  const found = check.flatMap((name) => [...state.records].find(([, held]) => same(held[name], fields[name])) ?? [])[0];
  const id: string | undefined = upserting ? (found as string | undefined) : given;
  for (const [name, value] of Object.entries(fields)) {
    if (state.refuse.has(String(value)))
      return failed("INVALID_DATA", `invalid data ${String(fields["Email"])}`, {
        api_name: name,
        json_path: "$.data[0]",
      });
    const taken = [...state.records].some(([other, held]) => other !== id && same(held[name], value));
    if (taken && ["Email", "Code"].includes(name))
      return failed("DUPLICATE_DATA", "duplicate data", { api_name: name });
  }
  if (id === undefined && "Last_Name" in fields && fields["Last_Name"] === "")
    return failed("MANDATORY_NOT_FOUND", "required field not found", { api_name: "Last_Name" });
  const place = id ?? `55${state.next++}`;
  const now = Object.entries({ ...state.records.get(place), ...fields }).filter(([, value]) => value !== null);
  state.records.set(place, Object.fromEntries(now));
  return {
    status: "success",
    code: "SUCCESS",
    message: id === undefined ? "record added" : "record updated",
    ...(upserting ? { action: id === undefined ? "insert" : "update" } : {}),
    details: { id: place },
  };
}

function search(state: ZohoState, url: URL): FakeAnswer {
  const text = (url.searchParams.get("criteria") ?? "").slice(1, -1);
  const criteria = [...text.matchAll(/\((\w+):equals:((?:\\.|[^\\()])*)\)/g)];
  if (criteria.length > 10) return fault(400, "LIMIT_EXCEEDED", "at most ten criteria");
  const wanted = criteria.map(([, name = "", value = ""]) => [name, value.replaceAll(/\\(.)/g, "$1")] as const);
  const found = [...state.records].filter(([, held]) => wanted.some(([name, value]) => same(held[name], value)));
  const data = found.map(([id, held]) => ({ id, ...held }));
  return data.length === 0 ? { status: 204 } : { status: 200, body: { data, info: { more_records: false } } };
}

function deletes(state: ZohoState, url: URL): FakeAnswer {
  const ids = (url.searchParams.get("ids") ?? "").split(",");
  if (ids.length > 100) return fault(400, "LIMIT_EXCEEDED", "Record count exceeded");
  return answer(
    ids.map((id) =>
      state.records.delete(id)
        ? { status: "success", code: "SUCCESS", message: "record deleted", details: { id } }
        : failed("INVALID_DATA", "record not deleted", { id }),
    ),
  );
}
