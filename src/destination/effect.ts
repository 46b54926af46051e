import type { Json } from "../core.ts";
import type { HttpRequest } from "./http.ts";
import type { Measured } from "./object.ts";
import type { SqlStatement } from "./sql.ts";

/** Something only the engine can do for a destination; `effects` of a destination lists the kinds it uses. */
export type Effect =
  | { readonly http: HttpRequest }
  | { readonly file: FileEffect }
  /** The same below `config.path` of an SFTP server; no Parquet, no appending. */
  | { readonly sftp: FileEffect }
  /** One transaction of a database; the reply is a `SqlReply`. */
  | { readonly sql: readonly SqlStatement[] }
  /** A file at an address that the platform named, from a host of `downloads`; the reply is a `Downloaded`. */
  | { readonly download: string }
  | { readonly checkpoint: Json }
  | { readonly wait: number }
  /** What the token's answer said (`oauth2`): the reply is a {@link Session}. */
  | { readonly session: true }
  /** A count for the run's log that is no outcome (Meta's `num_invalid_entries`); no reply, never with values of rows. */
  | { readonly report: { readonly name: string; readonly value: number } }
  /** What an answer in passing said of the target's size and match rate; no reply. */
  | { readonly measured: Measured };

/** Paths are relative to the root the engine chose (`config.path` of `file`); replies: `list` gives names, the rest nothing. */
export type FileEffect =
  | { readonly write: string; readonly append?: boolean; readonly content: string | Uint8Array }
  | { readonly rename: string; readonly to: string }
  | { readonly list: string }
  /** Writes rows as Parquet, columns named by `columns`, values JSON. */
  | { readonly parquet: string; readonly columns: readonly string[]; readonly rows: readonly (readonly Json[])[] };

/** The reply to a yielded effect; helpers of ./http.ts give it its type. */
export type Exchange<T> = Generator<Effect, T, unknown>;
