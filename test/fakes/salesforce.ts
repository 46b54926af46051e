import { csv, csvRows } from "../../src/destination/index.ts";
import { fakeOauth } from "./oauth.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

type Fields = Record<string, unknown>;
type Row = Record<string, string>;

interface Job {
  state: string;
  /** How often it answers InProgress. */
  polls: number;
  rows: readonly Row[];
  readonly successful: Row[];
  readonly failed: Row[];
  errorMessage?: string;
}

export interface SalesforceState {
  /** By external id. */
  readonly records: Map<string, { readonly id: string; readonly fields: Fields }>;
  readonly jobs: Map<string, Job>;
  /** Values of fields whose rows are refused, and with what. */
  readonly refuse: Map<string, string>;
  /** State that jobs end in. */
  ends: "JobComplete" | "Failed" | "Aborted";
  polls: number;
  /** Whose account the credentials open. */
  account: string;
  next: number;
}

const fault = (status: number, errorCode: string, message: string): FakeAnswer => ({
  status,
  body: [{ errorCode, message }],
});
const failed = (statusCode: string, message: string): object => ({
  success: false,
  errors: [{ statusCode, message, fields: [] }],
});

/** One object of an org whose external id is `Ext_Id__c`: collections, batches of reads, and ingest jobs. */
export function startFakeSalesforce(version = "v65.0"): Promise<Fake<SalesforceState>> {
  const state: SalesforceState = {
    records: new Map(),
    jobs: new Map(),
    refuse: new Map(),
    ends: "JobComplete",
    polls: 1,
    account: "00D1",
    next: 1,
  };
  const oauth = fakeOauth({ session: { instance_url: "https://lab.my.salesforce.com" } });
  return startFake(state, (request) => {
    if (request.path === "/services/oauth2/token") return oauth.token(request);
    if (!oauth.knows(request)) return fault(401, "INVALID_SESSION_ID", "Session expired or invalid");
    const url = new URL(request.path, "http://fake");
    if (!url.pathname.startsWith(`/services/data/${version}/`)) return fault(404, "NOT_FOUND", "no such version");
    const [what, ...rest] = url.pathname.split("/").slice(4);
    if (what === "limits") return { status: 200, body: { DailyApiRequests: { Max: 15000, Remaining: 14998 } } };
    if (what === "query" && url.searchParams.get("q") === "SELECT Id FROM Organization")
      return { status: 200, body: { done: true, records: [{ Id: state.account }] } };
    if (what === "jobs") return ingest(state, request, rest[1], rest[2]);
    if (what !== "composite") return fault(404, "NOT_FOUND", "The requested resource does not exist");
    if (rest[0] === "batch") return reads(state, request);
    return request.method === "DELETE" ? deletes(state, url) : upserts(state, request);
  });
}

/** Writes one record; gives its id, or why it is refused. */
function upsert(state: SalesforceState, key: string, fields: Fields): { id: string; created: boolean } | string {
  const why = Object.values(fields).flatMap((value) => state.refuse.get(String(value)) ?? [])[0];
  if (why !== undefined) return why;
  const held = state.records.get(key);
  const id = held?.id ?? `003${state.next++}`;
  const now = Object.entries({ ...held?.fields, ...fields }).filter(([, value]) => value !== null);
  state.records.set(key, { id, fields: Object.fromEntries(now) });
  return { id, created: held === undefined };
}

function upserts(state: SalesforceState, { body }: FakeRequest): FakeAnswer {
  const records: readonly Fields[] = body.records;
  if (records.length > 200) return fault(400, "LIMIT_EXCEEDED", "record limit reached");
  if (body.allOrNone !== false) return fault(400, "INVALID_INPUT", "this fake takes rows one by one");
  const answers = records.map(({ attributes, Ext_Id__c: key, ...fields }) => {
    if (attributes === undefined) return failed("INVALID_TYPE", "no attributes");
    if (typeof key !== "string") return failed("MISSING_ARGUMENT", "Ext_Id__c not specified");
    const done = upsert(state, key, fields);
    return typeof done === "string"
      ? failed(done, `${done} for ${String(fields["Email"])}`)
      : { ...done, success: true, errors: [] };
  });
  return { status: 200, body: answers };
}

function deletes(state: SalesforceState, url: URL): FakeAnswer {
  const ids = (url.searchParams.get("ids") ?? "").split(",");
  if (ids.length > 200) return fault(400, "LIMIT_EXCEEDED", "record limit reached");
  const body = ids.map((id) => {
    const [key] = [...state.records].find(([, held]) => held.id === id) ?? [];
    if (key === undefined) return failed("ENTITY_IS_DELETED", "entity is deleted");
    state.records.delete(key);
    return { id, success: true, errors: [] };
  });
  return { status: 200, body };
}

function reads(state: SalesforceState, { body }: FakeRequest): FakeAnswer {
  const requests: readonly { url: string }[] = body.batchRequests;
  if (requests.length > 25) return fault(400, "LIMIT_EXCEEDED", "at most 25 requests");
  const results = requests.map(({ url }) => {
    const held = state.records.get(decodeURIComponent(new URL(url, "http://fake").pathname.split("/").at(-1) ?? ""));
    if (held === undefined) return { statusCode: 404, result: [{ errorCode: "NOT_FOUND", message: "not there" }] };
    return { statusCode: 200, result: { attributes: { type: "Contact" }, Id: held.id } };
  });
  return { status: 200, body: { hasErrors: false, results } };
}

function ingest(state: SalesforceState, request: FakeRequest, id: string | undefined, edge?: string): FakeAnswer {
  const { method, body, text } = request;
  if (id === undefined) {
    const made = `750${state.next++}`;
    if (body.externalIdFieldName !== "Ext_Id__c") return fault(400, "INVALIDJOB", "no external id");
    state.jobs.set(made, { state: "Open", polls: state.polls, rows: [], successful: [], failed: [] });
    return { status: 200, body: { id: made, state: "Open" } };
  }
  const job = state.jobs.get(id);
  if (job === undefined) return fault(404, "NOT_FOUND", "The requested resource does not exist");
  if (edge === "batches") {
    if (request.headers["content-type"] !== "text/csv") return fault(415, "UNSUPPORTED_MEDIA_TYPE", "text/csv");
    job.rows = csvRows(text) ?? [];
    return { status: 201 };
  }
  if (edge !== undefined) return listed(job, edge);
  if (method === "PATCH") {
    job.state = body.state;
    if (state.ends === "JobComplete") for (const row of job.rows) apply(state, job, row);
  } else if (job.state === "UploadComplete" && job.polls-- <= 0) job.state = state.ends;
  if (job.state === "Failed") job.errorMessage = "InvalidBatch : Field name not found : Nmae";
  const words = job.errorMessage === undefined ? {} : { errorMessage: job.errorMessage };
  const shown = job.state === "UploadComplete" && method === "GET" ? "InProgress" : job.state;
  return { status: 200, body: { id, state: shown, ...words } };
}

/** An empty cell keeps what is there, #N/A clears it. */
function apply(state: SalesforceState, job: Job, row: Row): void {
  const { Ext_Id__c: key = "", ...cells } = row;
  const given = Object.entries(cells).filter(([, cell]) => cell !== "");
  const fields = Object.fromEntries(given.map(([name, cell]) => [name, cell === "#N/A" ? null : cell]));
  const done = upsert(state, key, fields);
  if (typeof done === "string") {
    job.failed.push({ sf__Id: "", sf__Error: `${done}:${done} for ${String(fields["Email"])}:Email --`, ...row });
  } else job.successful.push({ sf__Id: done.id, sf__Created: String(done.created), ...row });
}

function listed(job: Job, edge: string): FakeAnswer {
  const rows = edge === "successfulResults" ? job.successful : job.failed;
  const columns = ["sf__Id", edge === "failedResults" ? "sf__Error" : "sf__Created", ...Object.keys(job.rows[0] ?? {})];
  const text = csv(
    columns,
    rows.map((row) => columns.map((name) => row[name] ?? "")),
  );
  return { status: 200, body: text, headers: { "content-type": "text/csv" } };
}
