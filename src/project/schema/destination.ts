import { z } from "zod";
import type { DestinationSpec, GuardSpec } from "../project.ts";
import { fixedDuration, jsonMap, name, problem, text } from "./common.ts";
import { guards } from "./guards.ts";

const retry = z.strictObject({
  attempts: z.number().int().min(1).max(20).default(5).describe("So often a request is sent at most."),
  deadline: fixedDuration.default(1_800_000).describe("Not after this long; default 30min."),
});
const rateLimit = z
  .strictObject({
    requests: z.number().int().min(1).describe("So many requests …"),
    per: fixedDuration.describe("… in this time: 1min."),
    concurrency: z.number().int().min(1).max(64).exactOptional().describe("Requests in flight at once."),
  })
  .transform(({ requests, per, concurrency }) => ({
    requests,
    perSeconds: per / 1000,
    ...(concurrency !== undefined && { concurrency }),
  }));

const accountKeys = {
  credentials: jsonMap.default({}).describe("Secrets: ${env:NAME} or ${file:path}, never literals."),
  config: jsonMap.default({}).describe("The account's settings, as the type declares them."),
  rate_limit: rateLimit.exactOptional().describe("Gentler limits than the platform's own."),
};

/** destinations/*.yml: one account at a platform. */
export const destinationSchema: z.ZodType<DestinationSpec> = z
  .strictObject({
    destination: name.describe("The account's name, used by syncs."),
    type: text.describe("A built-in type, or a file in destinations/ without its ending."),
    label: z.string().exactOptional().describe("What people call it."),
    ...accountKeys,
    requests: z
      .strictObject({ retry: retry.prefault({}) })
      .exactOptional()
      .describe("How requests are repeated."),
    retry: retry.exactOptional().describe("Short for requests: { retry: … }."),
    late: fixedDuration
      .exactOptional()
      .describe("How long an unanswered request may still take effect; default 15min."),
    guards: guards.exactOptional(),
  })
  .superRefine((value, context) => {
    if (value.requests !== undefined && value.retry !== undefined)
      problem(context, "E105", "retry stands twice: keep retry, or requests.retry");
  })
  .transform(({ requests, retry: short, late, ...rest }): DestinationSpec & { guards?: GuardSpec } => {
    const { attempts, deadline } = requests?.retry ?? short ?? { attempts: 5, deadline: 1_800_000 };
    return { ...rest, requests: { attempts, deadlineMs: deadline }, ...(late !== undefined && { lateMs: late }) };
  });

/** An environment's word on a destination (decision 7): the transport replaced, or a part laid over. */
export const overlaySchema = z
  .strictObject({
    use: z
      .literal("file")
      .exactOptional()
      .describe("file: everything but the transport stays; rows are written to .millrace/outbox."),
    credentials: jsonMap.exactOptional().describe("Laid over the destination's."),
    config: jsonMap.exactOptional().describe("Laid over the destination's."),
    rate_limit: rateLimit.exactOptional().describe("Instead of the destination's."),
  })
  .superRefine((value, context) => {
    if (value.use !== undefined && Object.keys(value).length > 1)
      problem(context, "E105", "use: file takes no other key: nothing else is read");
  });
export type Overlay = z.output<typeof overlaySchema>;
