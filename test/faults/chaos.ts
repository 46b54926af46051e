import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** What one connection lives through, told once the request's head (or so many bytes of it) is there. */
export type Fault = (socket: Socket, request: Buffer) => void;

export interface Chaos {
  readonly url: string;
  readonly host: string;
  /** Requests whose head arrived. */
  readonly requests: string[];
  /** Faults of the next connections, in order; the last one stays. */
  faults: Fault[];
  close(): Promise<void>;
}

/** A TCP server that answers HTTP by hand, so that every way to fail half-way can be played. */
export async function chaos(...faults: Fault[]): Promise<Chaos> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    let buffer = Buffer.alloc(0);
    const fault = self.faults.length > 1 ? self.faults.shift() : self.faults[0];
    if (fault === resetOnConnect) return fault(socket, buffer);
    socket.on("data", (chunk) => {
      const before = buffer.includes("\r\n\r\n");
      buffer = Buffer.concat([buffer, chunk]);
      if (before || !buffer.includes("\r\n\r\n")) return;
      requests.push(buffer.toString("latin1"));
      fault?.(socket, buffer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const self: Chaos = {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    requests,
    faults,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}

export const resetOnConnect: Fault = (socket) => void socket.resetAndDestroy();
export const resetAfterHead: Fault = (socket) => void socket.resetAndDestroy();
export const hang: Fault = () => undefined;
export const closeSilently: Fault = (socket) => void socket.end();

export const raw =
  (text: string | Buffer, then: "end" | "reset" | "hang" = "end"): Fault =>
  (socket) => {
    socket.write(text, () => {
      if (then === "end") socket.end();
      if (then === "reset") setImmediate(() => socket.resetAndDestroy());
    });
  };

/** A whole answer; headers as lines. */
export function answer(status: number, body: string | Buffer = "", headers: readonly string[] = []): Fault {
  const bytes = Buffer.from(body);
  const head = [`HTTP/1.1 ${status} X`, `content-length: ${bytes.length}`, "connection: close", ...headers].join(
    "\r\n",
  );
  return raw(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes]));
}

/** One byte every `everyMs`, for ever. */
export const trickle =
  (head: string, everyMs: number): Fault =>
  (socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write(" "), everyMs);
    socket.on("close", () => clearInterval(timer));
  };
