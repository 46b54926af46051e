import type { Batch, Change, Context, Exchange, Outcome } from "millrace/destination";
import type { Config } from "./api.ts";
import { itemHead, sendBatch } from "./batch.ts";
import { kindOf } from "./identity.ts";

/** Writes people, who are made when absent unless the mode is `update`. */
export const identify = (batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> =>
  sendBatch(batch, ctx, (change) => personOf(change, ctx));

/** An e-mail that is not what the person is known by is an attribute. */
function personOf(change: Change, ctx: Context<Config>): object {
  const address = change.identifiers["email"];
  const known = address === undefined || kindOf(change) === "email" ? {} : { email: address };
  const existing = ctx.mode === "update" ? { _update: true } : {};
  return { ...itemHead(change, "identify"), attributes: { ...change.fields, ...known, ...existing } };
}
