/** Opens the way to one configured destination: definition, settings, secrets, limits, transport. */
import path from "node:path";
import type { Json, RunEvent } from "../core.ts";
import { configured, type Destination, type Limits, type ObjectSpec } from "../destination/index.ts";
import type { DestinationResource, Project } from "../project/project.ts";
import { resolveSecrets, Masker } from "../project/secrets.ts";
import type { Http, Ports } from "../ports.ts";
import { openLine, type Line } from "./converse.ts";
import { createHttp } from "./http.ts";
import { openWire } from "./open-wire.ts";
import { outboxDefinition, outboxObject } from "./outbox.ts";
import { writeParquet } from "./parquet.ts";
import { tokenFile, tokenKeeper } from "./token-file.ts";
import { askWhose, type Whose } from "./whose-account.ts";

/** A destination as this run uses it. */
export interface Account {
  readonly definition: Destination;
  readonly config: Readonly<Record<string, unknown>>;
  readonly line: Line;
  readonly masker: Masker;
  close(): Promise<void>;
}

export interface AccountOptions {
  readonly project: Project;
  readonly ports: Ports;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onEvent: (event: RunEvent) => void;
  /** The YAML's rate_limit goes before. */
  readonly limits: Pick<Limits, "rate" | "concurrency">;
  readonly http?: Http;
}

/** The configuration as the definition's schema reads it: defaults filled in. */
export function configOf(destination: DestinationResource): Readonly<Record<string, unknown>> {
  return destination.definition.config.parse(destination.spec.config) as Readonly<Record<string, unknown>>;
}

/** The object as this configuration makes it; under `use: file` with files as its platform. */
export function objectOf(destination: DestinationResource, name: string): ObjectSpec<any> | undefined {
  const spec = destination.definition.objects[name];
  if (spec === undefined) return undefined;
  const object = configured(spec, configOf(destination));
  return destination.outbox ? outboxObject(object) : object;
}

/** Opens an account; E334 where a secret is missing. Nothing is sent. */
export function openAccount(destination: DestinationResource, options: AccountOptions): Account {
  const { project, ports, env } = options;
  const config = configOf(destination);
  const subject = `destination "${destination.name}"`;
  const secrets = destination.outbox
    ? null
    : resolveSecrets(destination.spec.credentials as Json, { env, root: project.root, subject });
  const credentials = (secrets?.resolved ?? {}) as Record<string, unknown>;
  const definition = destination.outbox ? outboxDefinition(destination.definition) : destination.definition;
  const { rate_limit: rate, requests } = destination.spec;
  const own = options.http === undefined ? createHttp({ allowPrivateHosts: privateHosts(config), env }) : null;
  const http = options.http ?? own;
  if (http === null || http === undefined) throw new Error("no transport");
  const line = openLine({
    definition,
    config,
    credentials,
    http,
    ports,
    limits:
      rate === undefined
        ? options.limits
        : { rate, ...(rate.concurrency === undefined ? {} : { concurrency: rate.concurrency }) },
    attempts: requests.attempts,
    deadlineMs: requests.deadlineMs,
    keeper: tokenKeeper(ports.files, tokenFile(project, destination), credentials),
    fileRoot: fileRootOf(project, destination, config),
    writeParquet,
    wire: openWire(definition, config, credentials),
    onEvent: options.onEvent,
  });
  return {
    definition,
    config,
    line,
    masker: secrets?.masker ?? new Masker(),
    async close() {
      await line.close();
      await own?.close();
    },
  };
}

/** The accounts of one run: one way to each destination, whatever the number of syncs that go there. */
export class Accounts {
  readonly #options: Omit<AccountOptions, "limits">;
  readonly #open = new Map<string, Account>();
  readonly #whose = new Map<string, Promise<Whose | null>>();

  constructor(options: Omit<AccountOptions, "limits">) {
    this.#options = options;
  }

  /** Whose account the credentials open, asked once a run; null where the configuration says it. */
  async whose(destination: DestinationResource, signal: AbortSignal): Promise<Whose | null> {
    let asked = this.#whose.get(destination.name);
    if (asked === undefined) {
      asked = askWhose(this.open(destination), signal);
      this.#whose.set(destination.name, asked);
    }
    return await asked;
  }

  /** E334 where a secret is missing. */
  open(destination: DestinationResource): Account {
    let account = this.#open.get(destination.name);
    if (account === undefined) {
      account = openAccount(destination, { ...this.#options, limits: limitsOf(this.#options.project, destination) });
      this.#open.set(destination.name, account);
    }
    return { ...account, line: account.line.fork() };
  }

  async close(): Promise<void> {
    for (const account of this.#open.values()) await account.close();
  }
}

/** The slowest rate of the objects that syncs send to, and as many requests at once as any of them takes. */
export function limitsOf(project: Project, destination: DestinationResource): Pick<Limits, "rate" | "concurrency"> {
  const limits = [...project.syncs.values()]
    .filter(({ spec }) => spec.destination === destination.name)
    .flatMap(({ spec }) => objectOf(destination, spec.object)?.limits ?? []);
  const rates = limits.flatMap(({ rate }) => rate ?? []);
  const [slowest] = rates.toSorted((a, b) => a.requests / a.perSeconds - b.requests / b.perSeconds);
  const concurrency = Math.max(...limits.map((each) => each.concurrency ?? 4), 1);
  return { concurrency, ...(slowest === undefined ? {} : { rate: slowest }) };
}

/** Hosts for which private addresses are allowed: of `url` and `base_url`, when the configuration says so (decision 39). */
function privateHosts(config: Readonly<Record<string, unknown>>): readonly string[] {
  if (config["allow_private_network"] !== true) return [];
  return ["url", "base_url"].flatMap((name) =>
    typeof config[name] === "string" ? [new URL(config[name]).hostname] : [],
  );
}

function fileRootOf(
  project: Project,
  destination: DestinationResource,
  config: Readonly<Record<string, unknown>>,
): string {
  if (destination.outbox)
    return path.join(project.root, ".millrace", "outbox", project.environment.name, destination.name);
  return path.resolve(project.root, typeof config["path"] === "string" ? config["path"] : "target/outbox");
}
