import { failure, type MillraceError } from "../errors.ts";
import { withoutPersons } from "./words.ts";

/** Why a conversation cannot go on, whatever the rows: each has a code of `millrace explain`. */
const codes = {
  /** The sync's target cannot be found or made, or is not ours to take. */
  target: "E810",
  /** Audience, list or endpoint no longer exists (HTTP 404, 410). */
  target_gone: "E811",
  /** The credentials are refused. */
  credentials: "E812",
  /** The credentials lack a permission, or terms were not accepted. */
  permission: "E813",
  /** The endpoint moved. */
  redirected: "E814",
  /** The platform closed or flagged the target. */
  target_refused: "E815",
} as const;

export type StopReason = keyof typeof codes;

/**
 * Ends the sync: nothing of this batch was applied and no other batch can get through. The engine reports it with its code,
 * leaves the rows unsent and sends nothing more to this target in this run.
 */
export function stop(reason: StopReason, message: string, hint?: string): never {
  throw failure(codes[reason], withoutPersons(message), hint === undefined ? {} : { hint });
}

/** Whether an error is a destination's own {@link stop}; by its shape, since users' code brings a kit of its own. */
export function isStop(error: unknown): error is MillraceError {
  const known: readonly string[] = Object.values(codes);
  const { diagnostics } = (error ?? {}) as Partial<MillraceError>;
  return error instanceof Error && Array.isArray(diagnostics) && diagnostics.every(({ code }) => known.includes(code));
}
