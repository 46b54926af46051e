import type { Change, Exchange, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, rejected, unknown, withoutSpoilers } from "millrace/destination";
import { api, type Where } from "./api.ts";
import { call } from "./call.ts";
import { externalIdOf, modelOf } from "./external-ids.ts";

/** Loads rows of the same columns: in Odoo's import an empty cell clears. A load with a bad row saves nothing. */
export function* load(changes: readonly Change[], ctx: Where, uid: Json): Exchange<readonly Outcome[]> {
  const names = Object.keys(changes[0]?.fields ?? {});
  const fields = ["id", ...names.map((name) => name.replaceAll(".", "/"))];
  const rowOf = (change: Change) => [externalIdOf(change, ctx), ...names.map((name) => change.fields[name] ?? "")];
  const send = (some: readonly Change[]) => call(ctx, uid, modelOf(ctx), "load", { fields, data: some.map(rowOf) });
  const { response, refused } = yield* withoutSpoilers(changes, send, spoilers);
  const others = response === undefined ? [] : verdicts(response, changes.length - refused.size);
  let place = 0;
  return changes.map((_, index) => refused.get(index) ?? others[place++] ?? unknown("no answer"));
}

/** Rows that `load` refuses, by its messages. */
function* spoilers({ body }: HttpResponse): Generator<readonly [number, Outcome]> {
  for (const { type, rows, field, message } of Array.isArray(body?.messages) ? body.messages : []) {
    if (type !== "error") continue;
    const outcome = rejected("load_error", [field, message].filter((word) => typeof word === "string").join(": "));
    for (let row = Number(rows?.from); row <= Number(rows?.to); row += 1) yield [row, outcome];
  }
}

/** The fate of the rows of the last load, which no message names. */
function verdicts(response: HttpResponse, count: number): readonly Outcome[] {
  const { ids, messages } = response.body ?? {};
  if (Array.isArray(ids) && ids.length === count) return ids.map((id) => accepted(String(id)));
  // Nothing was saved, and no row is to blame alone.
  const outcome = ids === false ? rejected("load_error", String(messages?.[0]?.message)) : api.broken(response);
  return Array.from({ length: count }, () => outcome);
}
