import type { Diagnostic } from "../core.ts";
import { failure, type MillraceError } from "../errors.ts";
import type { Conversation } from "./conversation.ts";

/** Why a question that a run cannot go on without got no answer; E816 unless the destination knows better. */
export function unanswered(
  ended: Exclude<Conversation<unknown>, { status: "answered" }>,
  at: Diagnostic["at"],
): MillraceError {
  const place = at === undefined ? {} : { at };
  switch (ended.status) {
    case "failed":
      return failure(ended.code, ended.message, {
        ...place,
        ...(ended.hint === undefined ? {} : { hint: ended.hint }),
      });
    case "unknown":
      return failure("E816", ended.message, place);
    case "unsent":
      return failure("E816", ended.reason, place);
    case "throttled":
      return failure("E816", "the destination asked us to slow down", place);
  }
}
