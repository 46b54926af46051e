/**
 * The invariants every destination keeps, as cases for any test runner. Facts are conversations as the vendor documents
 * them (test/facts/<name>.yml): they are played as they stand, and again with every answer broken.
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import { accountCases, type AccountFact } from "./account-cases.ts";
import { broken, brokenFiles } from "./broken-answers.ts";
import { downloadSettings } from "./download.ts";
import { encodeFields, encodeValue } from "./encode.ts";
import { type Batch, type Change, configured, type Context, type Destination } from "./index.ts";
import type { HttpRequest, ObjectSpec, Op, Outcome, Session } from "./index.ts";
import {
  asks,
  brokenAt,
  checkExchanges,
  checkHosts,
  checkSecrets,
  covers,
  type Exchanged,
  plain,
  replay,
  type Replayed,
  type Replies,
  requestsOf,
  scripted,
} from "./replay.ts";

export interface Fact {
  readonly situation: string;
  readonly object: string;
  /** Rows before encoding: identifiers and fields as the warehouse holds them. */
  readonly batch: {
    readonly op: Op;
    /** With `identify: each`. */
    readonly kind?: string;
    /** With `settles: run`. */
    readonly run?: Batch["run"];
    readonly changes: readonly (Pick<Change, "key"> & Partial<Change>)[];
  };
  readonly config?: object;
  readonly context?: Partial<Context>;
  readonly nulls?: "omit" | "clear";
  readonly exchanges: readonly Exchanged[];
  readonly outcomes?: readonly Outcome[];
  /** Code of the stop, where the sync ends instead. */
  readonly stops?: string;
  /** Why a broken answer may still be accepted here. */
  readonly trusts_status?: string;
  readonly source: string;
}

export interface Facts {
  readonly config: object;
  readonly credentials: Readonly<Record<string, string>>;
  /** What came with the account's token. */
  readonly session?: Session;
  /** What the engine would put into every context. */
  readonly context?: Partial<Context>;
  readonly facts: readonly Fact[];
  /** What `account` asks, and what it makes of the answers. */
  readonly accounts?: readonly AccountFact[];
}

export interface Case {
  readonly name: string;
  check(): void;
}

/** Problems of a request against the vendor's own description, none when it fits. */
export type Validate = (request: HttpRequest) => readonly string[];

function encoded(spec: ObjectSpec, { batch, nulls }: Fact): Batch {
  const changes = batch.changes.map((change, index): Change => {
    const fields = encodeFields(spec, change.fields ?? {}, nulls);
    if ("reject" in fields) throw new Error(fields.reject.message);
    const identifiers = Object.entries(change.identifiers ?? {}).map(([kind, raw]) => {
      const identifier = spec.identifiers[kind] ?? spec.openIdentifiers;
      if (identifier === undefined) throw new Error(`no identifier ${kind}`);
      return [kind, spec.identify === "key" ? raw : encodeValue(identifier, raw)] as const;
    });
    const known = identifiers.filter((pair): pair is readonly [string, string] => pair[1] !== null);
    const base = { op: batch.op, idempotencyKey: `row-${index}`, ...change };
    return { ...base, identifiers: Object.fromEntries(known), fields: batch.op === "remove" ? {} : fields.fields };
  });
  const { kind, run } = batch;
  return { id: `batch-${batch.op}`, op: batch.op, ...(kind && { kind }), ...(run && { run }), index: 0, changes };
}

function contextOf(destination: Destination, facts: Facts, fact: Fact): Context {
  const config = destination.config.parse({ ...facts.config, ...fact.config });
  const rest = {
    sync: "vip",
    runId: "run1",
    environment: "test",
    remote: { id: "1" },
    remoteConfig: {},
    mode: "mirror",
    asOf: 0,
  };
  return { config, ...rest, ...facts.context, ...fact.context };
}

type Played = Replayed<readonly Outcome[]>;

function play(destination: Destination, facts: Facts, fact: Fact, replies: Replies): Played {
  const ctx = contextOf(destination, facts, fact);
  const spec = configured(destination.objects[fact.object]!, ctx.config);
  return replay(() => spec.deliver(encoded(spec, fact), ctx), { session: facts.session ?? {}, replies });
}

function checkFact(played: Played, fact: Fact): void {
  checkExchanges(played, fact.exchanges);
  deepStrictEqual(played.stopped, fact.stops);
  deepStrictEqual(played.value, fact.outcomes);
}

function checkBroken(destination: Destination, facts: Facts, fact: Fact): void {
  for (const [at, { request, response }] of fact.exchanges.entries()) {
    if (response === undefined || Array.isArray(response)) continue;
    for (const reply of "download" in request ? brokenFiles : broken) {
      const { value: outcomes, stopped } = play(destination, facts, fact, brokenAt(fact.exchanges, at, reply));
      if (stopped !== undefined) continue;
      deepStrictEqual(outcomes?.length, fact.batch.changes.length);
      const trusted = fact.trusts_status !== undefined && reply.status < 300;
      const all = outcomes?.every(({ status }) => status === "accepted" || status === "skipped") === true;
      ok(trusted || !all, `answer ${at} broken (${reply.status} ${reply.text}) and every row accepted`);
    }
  }
}

function hasNull(value: unknown): boolean {
  if (value === null) return true;
  return typeof value === "object" && Object.values(value).some(hasNull);
}

function checkContent(destination: Destination, facts: Facts, fact: Fact, played: Played): void {
  const { config } = contextOf(destination, facts, fact);
  const spec = destination.objects[fact.object]!;
  const sent = JSON.stringify(played.effects);
  checkSecrets(played, facts.credentials);
  for (const { identifiers = {} } of fact.batch.changes) {
    for (const [kind, raw] of Object.entries(identifiers as Record<string, string>)) {
      ok(
        spec.identifiers[kind]?.hash === undefined || !sent.includes(raw),
        `${kind} sent raw, though a hash is declared`,
      );
    }
  }
  for (const [index, effect] of played.effects.filter(asks).entries()) {
    if (!("download" in effect) || !("text" in (fact.exchanges[index]?.response ?? {}))) continue;
    const { hostname } = new URL(effect.download);
    const read =
      (config as { readonly download_hosts?: readonly string[] }).download_hosts ?? destination.downloads ?? [];
    ok(
      read.some((host) => covers(host, hostname)),
      `${hostname} is no declared host of downloads`,
    );
  }
  checkHosts(played, destination.hosts(config, facts.session ?? {}));
  for (const { body } of requestsOf(played)) {
    const nullable = fact.nulls === "clear" || typeof body === "string";
    ok(nullable || !hasNull(plain(body ?? {})), "an empty field sent as null");
  }
}

function checkObject(name: string, spec: ObjectSpec): void {
  ok(spec.describe !== "" && spec.ops.length > 0, `${name}: described, with operations`);
  ok(spec.limits.rows > 0, `${name}: a limit of rows`);
  deepStrictEqual(
    spec.delivery === "keyed",
    spec.windowMs !== undefined,
    `${name}: keyed declares windowMs, others do not`,
  );
  ok(
    spec.kind === "membership" || !spec.ops.includes("remove") || spec.kind === "record",
    `${name}: events are not removed`,
  );
  for (const [kind, identifier] of Object.entries(spec.identifiers)) {
    ok(identifier.normalize("", {}) === null, `${name}.${kind}: an empty text has no normal form`);
    ok(identifier.normalize(" ", {}) === null, `${name}.${kind}: a blank text has no normal form`);
  }
}

/** Every case of a destination: its facts, each invariant over each fact, and what its objects declare. */
export function contract(destination: Destination, facts: Facts, validate: Validate = () => []): readonly Case[] {
  const objects = Object.entries(destination.objects).map(([name, spec]) => ({
    name: `${name} declares itself`,
    check: () => checkObject(name, spec),
  }));
  return [
    { name: "named like its file", check: () => ok(/^[a-z][a-z0-9-]*$/.test(destination.name)) },
    {
      name: "downloads are host names, a * for the leftmost label only",
      check: () => deepStrictEqual(downloadSettings.download_hosts.parse(destination.downloads), destination.downloads),
    },
    ...objects,
    ...accountCases(destination, facts, validate),
    ...facts.facts.flatMap((fact): readonly Case[] => {
      const once = (): Played => play(destination, facts, fact, scripted(fact.exchanges));
      return [
        { name: `${fact.situation}: as documented`, check: () => checkFact(once(), fact) },
        {
          name: `${fact.situation}: the same batch makes the same requests`,
          check: () => deepStrictEqual(once(), once()),
        },
        {
          name: `${fact.situation}: secrets, raw identifiers, hosts and nulls`,
          check: () => checkContent(destination, facts, fact, once()),
        },
        { name: `${fact.situation}: broken answers`, check: () => checkBroken(destination, facts, fact) },
        {
          name: `${fact.situation}: fits the vendor's description`,
          check: () => deepStrictEqual(requestsOf(once()).flatMap(validate), []),
        },
      ];
    }),
  ];
}
