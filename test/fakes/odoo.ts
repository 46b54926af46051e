import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

type Fields = Record<string, string>;

export interface OdooState {
  readonly records: Map<number, Fields>;
  /** `module.name` of `res.partner`. */
  readonly externalIds: Map<string, number>;
  /** Values whose rows are refused. */
  readonly refuse: Set<string>;
  next: number;
}

/** A trouble as a method raises it. */
class Trouble extends Error {
  readonly status: number;
  readonly exception: string;
  constructor(status: number, exception: string, message: string) {
    super(message);
    this.status = status;
    this.exception = exception;
  }
}

const [database, key, login, user] = ["shop", "key-of-the-lab", "ada@example.com", 7];

/** The model `res.partner` of the database `shop`, by JSON-2 and by JSON-RPC. */
export function startFakeOdoo(token: string = key!): Promise<Fake<OdooState>> {
  const state: OdooState = { records: new Map(), externalIds: new Map(), refuse: new Set(), next: 1 };
  return startFake(state, (request) => (request.path === "/jsonrpc" ? byRpc : byJson2)(state, request, token));
}

function byJson2(state: OdooState, { path, headers, body }: FakeRequest, token: string): FakeAnswer {
  if (headers["authorization"] !== `bearer ${token}`)
    return { status: 401, body: raised(new Trouble(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")) };
  const [, , , model = "", method = ""] = path.split("/");
  try {
    if (headers["x-odoo-database"] !== database)
      throw new Trouble(404, "werkzeug.exceptions.NotFound", "no such database");
    return { status: 200, body: perform(state, model, method, body) };
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return { status: error.status, body: raised(error) };
  }
}

const raised = ({ exception, message }: Trouble): object => ({
  name: exception,
  message,
  arguments: [message],
  context: {},
  debug: "Traceback …",
});

function byRpc(state: OdooState, { body }: FakeRequest, token: string): FakeAnswer {
  const { service, args } = body.params;
  const answer = (rest: object): FakeAnswer => ({ status: 200, body: { jsonrpc: "2.0", id: body.id, ...rest } });
  if (service === "common") return answer({ result: args[1] === login && args[2] === token ? user : false });
  const [db, uid, secret, model, method, positional, named] = args;
  try {
    if (db !== database || uid !== user || secret !== token)
      throw new Trouble(200, "odoo.exceptions.AccessDenied", "Access Denied");
    const ids = positional.length === 0 ? {} : { ids: positional[0] };
    return answer({ result: perform(state, model, method, { ...ids, ...named }) });
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return answer({ error: { code: 200, message: "Odoo Server Error", data: raised(error) } });
  }
}

function perform(state: OdooState, model: string, method: string, params: any): unknown {
  if (model === "ir.model.data") {
    const names: readonly string[] = params.domain.find(([field]: string[]) => field === "name")?.[2] ?? [];
    const held = names.flatMap((name) => {
      const id = state.externalIds.get(`__import__.${name}`);
      return id === undefined ? [] : [{ id: 1000 + id, name, res_id: id }];
    });
    return method === "search" ? held.map(({ id }) => id) : held;
  }
  if (model !== "res.partner")
    throw new Trouble(404, "werkzeug.exceptions.NotFound", `the model ${model} does not exist`);
  if (method === "load") return load(state, params);
  for (const id of params.ids) {
    if (state.refuse.has(String(id))) throw new Trouble(422, "odoo.exceptions.UserError", "It has invoices.");
    if (!state.records.has(id)) throw new Trouble(404, "odoo.exceptions.MissingError", "Record does not exist");
  }
  for (const id of params.ids) state.records.delete(id);
  for (const [name, id] of state.externalIds) if (params.ids.includes(id)) state.externalIds.delete(name);
  return true;
}

/** Saves all rows or none; an empty cell clears. */
function load(
  state: OdooState,
  { fields, data }: { fields: readonly string[]; data: readonly (readonly string[])[] },
): object {
  const messages = data.flatMap((row, index) => {
    const bad = row.findIndex((cell) => state.refuse.has(cell));
    const rows = { from: index, to: index };
    return bad < 0
      ? []
      : [{ type: "error", rows, record: index, field: fields[bad], message: `wrong value ${row[bad]}` }];
  });
  if (messages.length > 0) return { ids: false, messages, nextrow: 0 };
  const ids = data.map(([name = "", ...cells]) => {
    const id = state.externalIds.get(name) ?? state.next++;
    const given = cells.map((cell, index) => [fields[index + 1] ?? "", cell] as const);
    const now = Object.entries({ ...state.records.get(id), ...Object.fromEntries(given) }).filter(
      ([, cell]) => cell !== "",
    );
    state.externalIds.set(name, id);
    state.records.set(id, Object.fromEntries(now));
    return id;
  });
  return { ids, messages: [], nextrow: 0 };
}
