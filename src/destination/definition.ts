import type { z } from "zod";
import type { Auth, Session } from "./auth.ts";
import type { Exchange } from "./effect.ts";
import type { HttpResponse } from "./http.ts";
import type { ObjectSpec } from "./object.ts";

/** What a page of documentation says that no code can, in a sentence or two each. */
export interface Guide {
  /** How to get the credentials, and which scopes or permissions they need. */
  readonly credentials: string;
  /** How the platform refuses rows, and what becomes of them. */
  readonly refused: string;
  /** How a person is erased there. */
  readonly erasure: string;
}

export interface Destination<Config = any> {
  /** The type's name: the file's name. */
  readonly name: string;
  readonly describe: string;
  /** The vendor's documentation. */
  readonly docs: string;
  /** For the generated page; every built-in has one. */
  readonly guide?: Guide;
  readonly config: z.ZodObject;
  readonly credentials: z.ZodObject;
  readonly auth: Auth;
  readonly effects: readonly ("http" | "file" | "sftp" | "sql" | "checkpoint" | "wait")[];
  /** Hosts it may call, globs only in the leftmost label; `base_url` of the configuration replaces them all. */
  hosts(config: Config, session: Session): readonly string[];
  /**
   * Hosts of files that the platform's answers name, in the same form: they are read, without credentials, by `download`.
   * `download_hosts` of the configuration goes before, then the host of `base_url`.
   */
  readonly downloads?: readonly string[];
  readonly objects: Readonly<Record<string, ObjectSpec<Config>>>;
  /** The cheapest call that proves credentials and scopes; returns a sentence per finding. */
  check?(ctx: { readonly config: Config }): Exchange<readonly { readonly ok: boolean; readonly message: string }[]>;
  /**
   * Whose account the credentials open, where the configuration does not say it: an id that outlives them, undefined where the
   * platform does not tell. Asked once a run before anything is sent; other credentials must not lead elsewhere unseen (R31).
   */
  account?(ctx: { readonly config: Config }): Exchange<string | undefined>;
  /** How to read a response where the status alone misleads; undefined = by status. */
  classify?(response: HttpResponse): "ok" | "retry" | "throttled" | "auth" | "reject" | undefined;
  /** Standard Webhooks and the like: headers for one request from the credentials; called by the engine for `ctx.sign`. */
  sign?(
    credentials: Readonly<Record<string, unknown>>,
    parts: { readonly id: string; readonly body: string | Uint8Array; readonly timestamp: number },
  ): Readonly<Record<string, string>>;
}

export function defineDestination<Config>(definition: Destination<Config>): Destination<Config> {
  return Object.freeze(definition);
}
