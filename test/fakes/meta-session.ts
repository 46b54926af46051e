/** Meta's sessions of `usersreplace` (facts/destinations.md A1, "Full replace"): numbering, ninety minutes, errors. */
import type { FakeAnswer, FakeRequest } from "./server.ts";

export interface MetaSession {
  readonly id: number;
  readonly beganAt: number;
  readonly schema: string;
  closed: boolean;
}

const lifeMs = 90 * 60_000;

const refused = (subcode: number, message: string): FakeAnswer => ({
  status: 400,
  body: { error: { message, type: "OAuthException", code: 2650, error_subcode: subcode, fbtrace_id: "fake" } },
});

export const inProgress = refused(1870145, "Audience update is in progress");

export const isOpen = (session: MetaSession | undefined, now: number): boolean =>
  session !== undefined && !session.closed && now < session.beganAt + lifeMs;

/** Takes a batch into the audience's session, the first into a new one that empties it; the refusal, or null. */
export function beginOrGoOn(
  audience: { readonly members: Set<string>; session?: MetaSession },
  { body }: FakeRequest,
  now: number,
): FakeAnswer | null {
  const { session_id: id, batch_seq: number, last_batch_flag: last, estimated_num_total: rows } = body?.session ?? {};
  if (!Number.isSafeInteger(id) || id <= 0 || !Number.isInteger(number) || number < 1 || !(rows > 0))
    return refused(0, "Invalid session");
  const schema = JSON.stringify(body.payload.schema);
  if (number === 1) {
    if (isOpen(audience.session, now)) return inProgress;
    audience.session = { id, beganAt: now, schema, closed: last === true };
    audience.members.clear();
    return null;
  }
  const { session } = audience;
  if (session === undefined || session.id !== id)
    return refused(1870147, "The first batch of the session was not seen");
  if (session.closed) return refused(1870159, "The session is finished");
  if (now >= session.beganAt + lifeMs) return refused(1870158, "The session timed out");
  if (session.schema !== schema) return refused(0, "The schema differs from the first batch's");
  session.closed = last === true;
  return null;
}
