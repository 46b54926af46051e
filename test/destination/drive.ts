import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  authHeaders,
  authQuery,
  configured,
  type Context,
  type Destination,
  type Effect,
  type Exchange,
  type FileEffect,
  type HttpRequest,
  type HttpResponse,
  type Session,
  type SqlReply,
  type SqlStatement,
  withPath,
  withSecret,
  withQuery,
} from "../../src/destination/index.ts";
import { Downloads } from "../../src/engine/download.ts";
import { createHttp } from "../../src/engine/http.ts";
import { renderSetting } from "../../src/engine/template.ts";
import { virtualPorts } from "../engine/virtual-clock.ts";

export interface Driver {
  readonly destination: Destination;
  readonly credentials?: Readonly<Record<string, unknown>>;
  /** Root of file effects. */
  readonly root?: string;
  /** The database's answer to one transaction. */
  readonly sql?: (statements: readonly SqlStatement[]) => SqlReply;
  /** Counts the conversation reported. */
  readonly reports?: { name: string; value: number }[];
  readonly checkpoints?: unknown[];
  /** The account's configuration, for auth that reads it and for downloads. */
  readonly config?: object;
  /** What `yield* session()` gives. */
  readonly session?: Session;
}

/** The smallest engine: sends each effect once, without retries, limits or polling delays. */
export async function drive<T>(exchange: Exchange<T>, driver: Driver): Promise<T> {
  let step = exchange.next();
  while (step.done !== true) step = exchange.next(await perform(step.value, driver));
  return step.value;
}

async function perform(effect: Effect, driver: Driver): Promise<unknown> {
  if ("http" in effect) return send(effect.http, driver);
  if ("download" in effect) return download(effect.download, driver);
  if ("file" in effect) return file(effect.file, driver.root ?? "");
  if ("sftp" in effect) return file(effect.sftp, driver.root ?? "");
  if ("sql" in effect) return driver.sql?.(effect.sql);
  if ("report" in effect) driver.reports?.push(effect.report);
  if ("session" in effect) return driver.session ?? {};
  if ("checkpoint" in effect) driver.checkpoints?.push(effect.checkpoint);
  return undefined;
}

async function send({ method, url, headers, body }: HttpRequest, driver: Driver): Promise<HttpResponse> {
  const { auth } = driver.destination;
  const { credentials = {}, config = {} } = driver;
  const given = { credentials, config, now: Date.now() };
  const address = withQuery(withPath(url, auth, credentials), authQuery(auth, credentials));
  const text =
    body === undefined || typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  const plain = {
    ...(typeof body === "object" && !(body instanceof Uint8Array) ? { "content-type": "application/json" } : {}),
    ...headers,
  };
  const signed = {
    method,
    url: address,
    headers: plain,
    nonce: "0".repeat(32),
    ...(text === undefined ? {} : { body: text }),
  };
  const proof = auth.type === "signed" ? auth.sign(signed, given) : authHeaders(auth, given);
  const response = await fetch(address, {
    method,
    headers: { ...plain, ...proof },
    redirect: "manual",
    ...(text === undefined ? {} : { body: typeof text === "string" ? withSecret(auth, credentials, text) : text }),
  });
  const answer = await response.text();
  return { status: response.status, headers: Object.fromEntries(response.headers), body: parse(answer), text: answer };
}

/** The engine's own way to a file, each tried once. */
async function download(url: string, { destination, config = {} }: Driver): Promise<unknown> {
  const http = createHttp({ allowPrivateHosts: ["127.0.0.1"] });
  const once = { attempts: 1, deadlineMs: 60_000, timeoutMs: 10_000, hide: (text: string) => text };
  const ports = virtualPorts();
  const files = new Downloads({ definition: destination, config, http, ports, ...once, onEvent: () => undefined });
  const { signal } = new AbortController();
  const found = await files.get(url, { signal, maySend: () => true, onRequest: () => undefined });
  await http.close();
  return found;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function file(effect: FileEffect, root: string): Promise<unknown> {
  if ("list" in effect) return readdir(join(root, effect.list)).catch(() => []);
  if ("rename" in effect) return rename(join(root, effect.rename), join(root, effect.to));
  const path = join(root, "write" in effect ? effect.write : effect.parquet);
  const content = "write" in effect ? effect.content : JSON.stringify({ columns: effect.columns, rows: effect.rows });
  await mkdir(dirname(path), { recursive: true });
  return writeFile(path, content);
}

/** A context as the engine makes it, configuration read by the destination's own schema. */
export function context(destination: Destination, config: object, more: Partial<Context> = {}): Context {
  return {
    config: destination.config.parse(config),
    sync: "vip_to_there",
    runId: "run1",
    environment: "test",
    remote: { id: "" },
    remoteConfig: {},
    mode: "mirror",
    asOf: Date.parse("2026-01-02T03:04:05Z"),
    render: renderSetting,
    ...more,
  };
}

/** An object as configured, or a test error naming the ones there are. */
export function object(destination: Destination, name: string, config: object) {
  const spec = destination.objects[name];
  if (spec === undefined) throw new Error(`no object ${name} in ${Object.keys(destination.objects).join(", ")}`);
  return configured(spec, destination.config.parse(config));
}

/** A configuration read by the destination's own schema, typed as whatever the caller needs. */
export const configOf = (destination: Destination, config: object): never => destination.config.parse(config) as never;
