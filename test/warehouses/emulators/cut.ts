/** Stands between a client and an emulator, and is cut at one statement: from there on nobody answers until it is mended. */
import { randomUUID } from "node:crypto";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { askedBy, whole } from "./tap.ts";

/** What became of the statement: it never arrived; it was done and no answer came; it was done and half an answer came. */
export const cuts = ["never arrived", "answer lost", "answer torn"] as const;
export type Cut = (typeof cuts)[number];

export interface Line {
  readonly endpoint: string;
  /** Cuts at the n-th statement from now on, counted from 1. */
  cutAt(n: number, cut: Cut): void;
  /** Lets everything through again, and gives the statements that came since `cutAt` was called. */
  mend(): Promise<{ readonly statements: readonly string[]; readonly wasCut: boolean }>;
  close(): Promise<void>;
}

/** Starts it before the emulator at `to`. */
export async function line(to: string): Promise<Line> {
  const { hostname, port } = new URL(to);
  let planned: { readonly n: number; readonly cut: Cut } | null = null;
  let statements: string[] = [];
  let dead = false;
  const transactions = new Transactions({ hostname, port });

  const pass = (incoming: IncomingMessage, body: Buffer, answer: ServerResponse, cut: Cut | null): void => {
    const { method, url: path, headers } = incoming;
    const forward = request({ hostname, port, path, method, headers }, (given) => {
      void whole(given).then((said) => {
        if (cut === "answer lost" || (cut === null && dead)) return incoming.socket.destroy();
        const { "transfer-encoding": _, ...kept } = given.headers;
        answer.writeHead(given.statusCode ?? 500, { ...kept, "content-length": said.length });
        if (cut === null) answer.end(said);
        else answer.write(said.subarray(0, said.length >> 1), () => incoming.socket.destroy());
      });
    });
    forward.on("error", () => incoming.socket.destroy());
    forward.end(body);
  };

  const server = createServer((incoming, answer) => {
    void whole(incoming).then((body) => {
      if (dead) return incoming.socket.destroy();
      const asked = askedBy(incoming, body);
      if (asked !== null) statements.push(asked.sql);
      const cut = asked !== null && statements.length === planned?.n ? planned.cut : null;
      if (cut !== null) dead = true;
      if (cut === "never arrived") return incoming.socket.destroy();
      if (asked !== null) transactions.see(incoming, asked.sql);
      return pass(incoming, body, answer, cut);
    });
  });
  // Before a server closes an idle connection it would tell nobody.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAt(n, cut) {
      [planned, statements] = [{ n, cut }, []];
    },
    async mend() {
      const told = { statements, wasCut: dead };
      if (dead) await transactions.end();
      [planned, statements, dead] = [null, [], false];
      return told;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Sessions in a transaction. Whose client is gone Snowflake ends: at the latest when it has been idle for minutes and stands in
 * another's way (https://docs.snowflake.com/en/sql-reference/transactions, unverified). fakesnow keeps it for ever.
 */
class Transactions {
  readonly #to: { readonly hostname: string; readonly port: string };
  /** By what they sign in with. */
  readonly #open = new Set<string>();

  constructor(to: { readonly hostname: string; readonly port: string }) {
    this.#to = to;
  }

  see({ headers }: IncomingMessage, sql: string): void {
    const session = headers.authorization ?? "";
    if (/^\s*BEGIN\s*$/i.test(sql)) this.#open.add(session);
    if (/^\s*(COMMIT|ROLLBACK)\s*$/i.test(sql)) this.#open.delete(session);
  }

  async end(): Promise<void> {
    const { hostname, port } = this.#to;
    const url = `http://${hostname}:${port}/queries/v1/query-request?requestId=${randomUUID()}`;
    const body = JSON.stringify({ sqlText: "ROLLBACK", asyncExec: false, sequenceId: 1 });
    for (const authorization of this.#open) {
      const headers = { authorization, "content-type": "application/json", accept: "application/json" };
      const answer = await fetch(url, { method: "POST", headers, body });
      if (!answer.ok) throw new Error(`no rollback: ${await answer.text()}`);
    }
    this.#open.clear();
  }
}
