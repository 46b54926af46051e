/** What a conversation of a destination is asked to keep to, and how it can end. */
import type { Json } from "../core.ts";

export interface ConverseOptions {
  /** Retry only what provably did not arrive (R34). */
  readonly once: boolean;
  readonly signal?: AbortSignal;
  /** Sent as `Idempotency-Key` with writes, unless the destination sets that header; further writes get `-2`, `-3` … */
  readonly idempotencyKey?: string;
  /** Looked at right before each request: false = send nothing more. */
  readonly maySend?: () => boolean;
  readonly onCheckpoint?: (state: Json) => Promise<void>;
  /** A platform's or a destination's words without the people it speaks of; default: without what looks like somebody's. */
  readonly words?: (text: string) => string;
}

export type Conversation<T> =
  /** `repeated`: an earlier try of a write was never answered and may still take effect (R8). */
  | { readonly status: "answered"; readonly value: T; readonly repeated: boolean }
  /** Nothing can have been applied. */
  | { readonly status: "unsent"; readonly reason: string }
  /** Nothing can have been applied: the platform refused to look at it yet. */
  | { readonly status: "throttled"; readonly retryAfterMs?: number }
  /** May have been applied. */
  | { readonly status: "unknown"; readonly message: string }
  /** Stop this sync: no other batch can get through. With `mayHaveApplied` this batch is in doubt, else unsent. */
  | {
      readonly status: "failed";
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
      readonly mayHaveApplied: boolean;
    };
