/** One request with rows, from sending to the verdict that Google comes to in its own time. */
import type { Batch, Change, Context } from "millrace/destination";
import { requestFate, rowsJob, rpcStatus, violatedRows, withoutSpoilers } from "millrace/destination";
import { api, type Config } from "./api.ts";

/** Sends the rows, and waits for the verdict; `body`: of a request with some of them, without what all requests have. */
export function settle(batch: Batch, ctx: Context<Config>, path: string, body: (some: readonly Change[]) => object) {
  const { account, login_account: login } = ctx.config;
  const accountOf = (id: string) => ({ accountType: "GOOGLE_ADS", accountId: id });
  const destination = {
    operatingAccount: accountOf(account),
    ...(login === undefined ? {} : { loginAccount: accountOf(login) }),
    productDestinationId: ctx.remote.id,
  };
  return rowsJob<string>(batch, ctx, {
    polls: ctx.config.status_polls,
    *start() {
      const { response, refused } = yield* withoutSpoilers(
        batch.changes,
        (some) => api.post(ctx, path, { destinations: [destination], ...body(some), encoding: "HEX" }),
        ({ body: answer }) => violatedRows(rpcStatus(answer?.error), "audience_members", "events"),
      );
      if (response === undefined) return { refused };
      const job: unknown = response.body?.requestId;
      return typeof job === "string" ? { job, refused } : { outcome: api.broken(response) };
    },
    *poll(id, afterMs) {
      const asked = yield* api.get(ctx, `requestStatus:retrieve?requestId=${encodeURIComponent(id)}`, { afterMs });
      return yield* requestFate(asked, api.broken);
    },
  });
}
