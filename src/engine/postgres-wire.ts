/** PostgreSQL through the package `pg`: each effect is one transaction. */
import { isIP } from "node:net";
import type { SqlReply, SqlStatement } from "../destination/index.ts";
import { fitAddress } from "./fit-address.ts";
import { faultOf as connectionFault } from "./http-fault.ts";
import { optionalPackage } from "./optional-package.ts";
import { isQuestion, type Wire, WireFault } from "./wire.ts";

export interface PostgresOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** False: unencrypted, which only private hosts may be. */
  readonly ssl: boolean;
  readonly allowPrivate: boolean;
  /** The server gives a statement up after this long, milliseconds. */
  readonly statementTimeoutMs: number;
}

/** What is used of `pg`. */
interface Client {
  connect(): Promise<void>;
  query(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: readonly any[]; readonly rowCount: number | null }>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): void;
}
interface Pg {
  readonly default: { readonly Client: new (options: object) => Client };
}

const connectTimeoutMs = 15_000;
/** Beyond the server's own time-out: then the server is not there any more. */
const answerTimeoutMs = 10_000;

export function postgresWire(options: PostgresOptions): Wire {
  const idle: Client[] = [];
  const all = new Set<Client>();

  async function connect(): Promise<Client> {
    const { default: pg } = await optionalPackage<Pg>("pg", () => import("pg" as string));
    const { host, ssl, allowPrivate, statementTimeoutMs, port, database, user, password } = options;
    if (!ssl && !allowPrivate)
      throw new WireFault("an unencrypted connection is not allowed", false, {
        code: "E816",
        hint: "`ssl: true`, or `allow_private_network: true` for a database inside your own network",
      });
    const client = new pg.Client({
      host: await fitAddress(host, allowPrivate),
      port,
      database,
      user,
      password,
      // The certificate is the name's, whatever address it led to.
      ssl: ssl ? (isIP(host) === 0 ? { servername: host } : {}) : false,
      application_name: "millrace",
      keepAlive: true,
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + answerTimeoutMs,
    });
    // A connection that ends while nobody uses it: the next use finds it out.
    client.on("error", () => forget(client));
    all.add(client);
    await client.connect();
    return client;
  }

  function forget(client: Client): void {
    all.delete(client);
    if (idle.includes(client)) idle.splice(idle.indexOf(client), 1);
    void client.end().catch(() => undefined);
  }

  return {
    async carry(effect) {
      if (!("sql" in effect)) throw new WireFault("a database carries no files", false);
      let client: Client | undefined;
      const at = { committing: false };
      try {
        client = idle.pop() ?? (await connect());
        const reply = await transaction(client, effect.sql, isQuestion(effect), at);
        idle.push(client);
        return reply;
      } catch (error) {
        const refusal = refusalOf(error);
        if (client !== undefined && refusal !== undefined && (await rolledBack(client))) {
          idle.push(client);
          return refusal;
        }
        if (client !== undefined) forget(client);
        throw faultOf(error, at.committing);
      }
    },
    async close() {
      for (const client of all) forget(client);
    },
  };
}

async function transaction(
  client: Client,
  statements: readonly SqlStatement[],
  readOnly: boolean,
  at: { committing: boolean },
): Promise<SqlReply> {
  const results: { rows: readonly any[]; count: number }[] = [];
  await client.query(readOnly ? "BEGIN READ ONLY" : "BEGIN");
  for (const { text, values } of statements) {
    const { rows, rowCount } = await client.query(text, values);
    results.push({ rows, count: rowCount ?? rows.length });
  }
  at.committing = true;
  await client.query("COMMIT");
  return { results };
}

const rolledBack = (client: Client): Promise<boolean> =>
  client.query("ROLLBACK").then(
    () => true,
    () => false,
  );

/** The SQLSTATE of an error the server told; Node's own codes are longer. */
function stateOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[0-9A-Z]{5}$/.test(code) && error instanceof Error && "severity" in error ? code : "";
}

/** Passing by themselves: connection, deadlock, serialization, resources, shutdown, locks, cancelled (facts D3). */
const passing = /^(08|40|53|57|58|55P03)/;
const lasting: Readonly<Record<string, { readonly code: string; readonly hint: string }>> = {
  "28": { code: "E812", hint: "check user and password, and that the server's pg_hba.conf lets them in from here" },
  "3D": { code: "E810", hint: "`database` names the database to write to, which must be there" },
};

/** What the server will refuse again, as the destination reads it. */
function refusalOf(error: unknown): SqlReply | undefined {
  const state = stateOf(error);
  if (state === "" || passing.test(state) || lasting[state.slice(0, 2)] !== undefined) return undefined;
  return { refused: { state, message: error instanceof Error ? error.message : "" } };
}

/** Before COMMIT left nothing can have been applied: the server rolls back what it was not told to keep. */
function faultOf(error: unknown, committing: boolean): WireFault {
  if (error instanceof WireFault) return error;
  const state = stateOf(error);
  if (state !== "") {
    const words = `the database answered ${state}: ${error instanceof Error ? error.message : ""}`;
    return new WireFault(words, committing && /^(08|57|58)/.test(state), lasting[state.slice(0, 2)]);
  }
  const { code, message } = connectionFault(error, committing);
  const tls = code === "tls" || (error instanceof Error && /does not support SSL/.test(error.message));
  return tls
    ? new WireFault(`the server gives no encrypted connection: ${message}`, false, {
        code: "E818",
        hint: "NODE_EXTRA_CA_CERTS adds an authority of your own; `ssl: false` is for private networks only",
      })
    : new WireFault(message, committing);
}
