import { z } from "zod";
import type { GuardSpec, Limit } from "../project.ts";
import { choose, isMap, limit, share } from "./common.ts";

const removeBlock = z.strictObject({
  share: share.transform((value): Limit => ({ share: value })).describe("Share of the people the ledger holds."),
  min: z.number().int().min(0).describe("At least so many people; the run stops when both are passed."),
});

const remove = choose<Limit | { readonly share: Limit; readonly min: number }>(
  "Removals of one run and of the last 24 hours: { share: 15%, min: 20 }, an absolute number, or off.",
  () => ({ schemas: [removeBlock, limit] }),
  (value) => (isMap(value) ? removeBlock : limit),
);

/** The limits that stop a run before anything is sent (decision 10). */
export const guards: z.ZodType<GuardSpec> = z
  .strictObject({
    empty: z
      .enum(["stop", "allow"])
      .exactOptional()
      .describe("G1: nobody is wanted while the destination holds people."),
    shrink: limit
      .exactOptional()
      .describe("G2: smaller than what the ledger holds by this share and at least 50 people."),
    growth: limit.exactOptional().describe("G3: larger by this share and at least 1,000 people."),
    remove: remove.exactOptional(),
    adds: limit.exactOptional().describe("Adds of one run."),
    min_rows: z.number().int().min(0).exactOptional().describe("G5: at least so many people wanted."),
    max_rows: z.number().int().min(0).exactOptional().describe("G6: at most so many people wanted."),
    freshness: z.enum(["stop", "allow"]).exactOptional().describe("G7: a source is older than its `fail`."),
    null_share: z
      .record(z.string(), limit)
      .exactOptional()
      .describe("G8: per identifier, the share of rows without it."),
    first_run: z.enum(["confirm", "allow"]).exactOptional().describe("G9: the first run to a real destination asks."),
    tests: z.enum(["stop", "allow"]).exactOptional().describe("G10: a failing test upstream."),
  })
  .describe("Limits that stop a run before anything is sent.");
