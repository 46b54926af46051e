import type { z } from "zod";
import type { Delivery, Json, ObjectKind, Op, OpCounts, Outcome, SentIdentifier } from "../core.ts";
import type { Exchange } from "./effect.ts";
import { guarded } from "./guarded.ts";

/** How a platform takes one kind of identifier. */
export interface Identifier {
  readonly describe: string;
  /** The platform's own normal form, or null when the value can never match (counted, not sent). */
  normalize(raw: string, options: IdentifierOptions): string | null;
  /** How the normal form travels; absent = plain. */
  readonly hash?: "sha256" | "sha256_base64" | "md5" | "sha1" | "sha512";
  /** Raised whenever `normalize` changes its answer for any input. */
  readonly version: number;
}

export interface IdentifierOptions {
  /** Two capitals (ISO 3166-1), for phones without a country. */
  readonly defaultCountry?: string;
  /** The user declared the column to be hashed already: pass on lower-cased if it has the form of the hash. */
  readonly hashed?: boolean;
}

/** How a platform takes one field that is no identifier. */
export interface Field {
  readonly describe: string;
  readonly required?: boolean;
  /** The value as sent, or why the row would be refused (the platform's own limit named). `null` in gives `null` out. */
  encode(value: Json): { readonly value: Json } | { readonly reject: string };
}

/** One change of one key, its identifiers and fields already as the platform takes them. */
export interface Change {
  readonly op: Op;
  /** The model's primary key; an array when composite; integers beyond 2^53 and decimals as strings. */
  readonly key: Json;
  /** As sent, by kind. On `remove` these are the ones to take away. */
  readonly identifiers: Readonly<Record<string, string>>;
  /** Destination fields; NULLs are absent unless the sync says `nulls: clear`. Empty on `remove`. */
  readonly fields: Readonly<Record<string, Json>>;
  /** What an earlier run left at the platform. */
  readonly before?: { readonly ids: readonly SentIdentifier[]; readonly remoteId?: string };
  /** Stable across retries: for platforms that de-duplicate per row. */
  readonly idempotencyKey: string;
}

/** Changes that travel together: one op, one identifier kind where `identify` is `each`. */
export interface Batch {
  /** Stable across retries: the idempotency key of the request. */
  readonly id: string;
  readonly op: Op;
  /** Identifier kind, only with `identify: "each"`. */
  readonly kind?: string;
  readonly index: number;
  readonly changes: readonly Change[];
  /** Only of objects that settle as one (`settles: "run"`), and not where nobody is wanted and people are taken out. */
  readonly run?: RunPart;
  /** `{"key":…,"identifiers":…,"fields":…}` of each change; only for objects with `passThrough`. */
  readonly lines?: readonly string[];
  /** `lines` as UTF-8, a newline after each; read it with {@link ndjsonOf}. */
  readonly ndjson?: Uint8Array;
}

/** Where a batch stands among all those of its run. */
export interface RunPart {
  /** Counted from 1, in the order of sending. */
  readonly number: number;
  readonly last: boolean;
  /** Rows of all batches; an estimate, since rows may be refused before they are sent. */
  readonly rows: number;
  /** Identifier kinds and fields that the sync maps: a row of the run has no others. */
  readonly kinds: readonly string[];
  readonly fields: readonly string[];
}

/** What a conversation may know; everything else is the engine's. */
export interface Context<Config = Readonly<Record<string, unknown>>> {
  readonly config: Config;
  readonly sync: string;
  readonly runId: string;
  readonly environment: string;
  /** What `ensure` returned, kept in the ledger. */
  readonly remote: { readonly id: string };
  /** The sync's `remote:` block. */
  readonly remoteConfig: Readonly<Record<string, Json>>;
  readonly mode: string;
  /** `as_of` of the run, milliseconds since the epoch. */
  readonly asOf: number;
  /** What the last `checkpoint` of this batch kept, when a job outlived its process. */
  readonly checkpoint?: Json;
  /** Signs or stamps what only the credentials can (webhook signatures): present when the destination declares `sign`. */
  sign?(parts: { readonly id: string; readonly body: string | Uint8Array }): Readonly<Record<string, string>>;
  /**
   * Fills a template of the configuration, in the mappings' own language; `url`: every output escaped as a part of an
   * address. Throws where the template cannot be read.
   */
  readonly render?: (text: string, values: Readonly<Record<string, unknown>>, as: "text" | "url") => string;
}

export interface Limits {
  /** Changes per batch. */
  readonly rows: number;
  /** Bytes of a request body. */
  readonly bytes?: number;
  readonly rate?: { readonly requests: number; readonly perSeconds: number };
  /** Batches of one sync in flight; default 4. */
  readonly concurrency?: number;
}

type Configurable = "limits" | "needs" | "settles" | "passThrough" | "delivery" | "windowMs" | "expiresMs";

export interface ObjectSpec<Config = Readonly<Record<string, unknown>>, Kind extends string = string> {
  readonly describe: string;
  readonly kind: ObjectKind;
  readonly ops: readonly Op[];
  readonly delivery: Delivery;
  /** Only with `keyed`: how long the platform remembers a key, milliseconds. */
  readonly windowMs?: number;
  /** A refused batch changed nothing, so it may be bisected even with `once`. */
  readonly refusal?: "atomic" | "partial";
  /**
   * Who a row is at the platform. `key`: our own key. `any`: one request row with all identifiers the row has.
   * `all`: several together are one identity. `each`: one batch per kind.
   */
  readonly identify: "key" | "any" | "all" | "each";
  readonly identifiers: Readonly<Record<Kind, Identifier>>;
  /** Any further kind is taken like this (webhook); absent = unknown kinds are errors. */
  readonly openIdentifiers?: Identifier;
  readonly fields: Readonly<Record<string, Field>>;
  /** Any further field is taken as it is (custom properties); absent = unknown fields are errors. */
  readonly openFields?: Field;
  readonly limits: Limits;
  /** Milliseconds during which an unanswered request may still take effect (R8); default 15 min. */
  readonly lateMs?: number;
  /** Memberships that lapse at the platform by themselves, milliseconds. */
  readonly expiresMs?: number;
  /** Keys of the sync's `remote:` block besides `name`, `id` and `create`: `{ sobject: Contact }`. */
  readonly remote?: z.ZodObject;
  /** NDJSON lines are enough: `Batch.lines` is filled and `changes` stay lean. */
  readonly passThrough?: boolean;
  /** `members`: offered all wanted rows as adds, not only the changes (snapshot layouts). */
  readonly needs?: "changes" | "members";
  /**
   * `run`, with `needs: "members"` and `delivery: "set"`: the batches of a run replace the whole target together, and none
   * of them is accepted before the last one is. They go in order and one at a time, each with its {@link RunPart}, never
   * halved; one that is not accepted ends the run, and everybody is offered again. Only in mode mirror with
   * `on_leave: remove`: elsewhere, and where nobody is wanted, the object is given changes.
   */
  readonly settles?: "rows" | "run";
  /** What depends on the configuration, laid over the static facts; read it with {@link configured}. */
  configure?(config: Config): Partial<Pick<ObjectSpec<Config, Kind>, Configurable>>;
  /** Find or create the audience, list or table; its id is kept in the ledger. */
  ensure?(ctx: Omit<Context<Config>, "remote">): Exchange<{ readonly id: string }>;
  /** One outcome per change, in order. */
  deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]>;
  /**
   * Called once at the end of every run of a sync that used this object, after its last batch, also when nothing was sent or
   * the run was interrupted: what an earlier, killed run left open is closed here. Must be harmless when there is nothing.
   */
  finish?(ctx: Context<Config>, summary: Summary): Exchange<void>;
  /** How large the target is at the platform now, and how many of those sent it knew; asked after a run, a few times a day. */
  measure?(ctx: Context<Config>): Exchange<Measured>;
  /** Values -> remote ids, for mappings with `lookup`; a value that is absent from the answer was not found. */
  lookup?(by: string, values: readonly string[], ctx: Context<Config>): Exchange<ReadonlyMap<string, string>>;
}

/** What a platform says of a target; absent where it does not say, or not yet. */
export interface Measured {
  /** Bounds of the number of people; the same where the platform gives one number. */
  readonly sizeLow?: number;
  readonly sizeHigh?: number;
  /** Share of those sent that the platform knows, 0 to 1; the lower bound of a range. */
  readonly matchRate?: number;
}

/** What one run of a sync came to, for {@link ObjectSpec.finish}. */
export interface Summary {
  readonly accepted: OpCounts;
  readonly rejected: number;
}

/**
 * Ties the object's types together, so that a misspelt identifier name does not compile, and guards its conversation: code
 * that trips over a broken answer, or gives another number of outcomes than it was given changes, leaves the batch unknown.
 */
export function defineObject<Config, Kind extends string>(spec: ObjectSpec<Config, Kind>): ObjectSpec<Config, Kind> {
  return Object.freeze({
    ...spec,
    deliver: (batch: Batch, ctx: Context<Config>) => guarded(batch, spec.deliver(batch, ctx)),
  });
}

/** An object as one destination's configuration makes it; the engine calls it once per sync and reads only the result. */
export function configured<Config, Kind extends string>(
  spec: ObjectSpec<Config, Kind>,
  config: Config,
): ObjectSpec<Config, Kind> {
  return spec.configure === undefined ? spec : Object.freeze({ ...spec, ...spec.configure(config) });
}
