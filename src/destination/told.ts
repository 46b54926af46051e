import { z } from "zod";
import type { Outcome } from "../core.ts";
import { accepted, rejected, unknown } from "./outcomes.ts";
import { pointer } from "./pointer.ts";

/** A JSON pointer in a configuration. */
export const jsonPointer = z.string().regex(/^(\/.*)?$/, "a JSON pointer: /data/0/id");

/** How answers say what the HTTP status does not, for destinations that users describe in YAML. */
export const answerSettings = z.strictObject({
  status: jsonPointer
    .optional()
    .describe("Where an answer, or a row's result, says how it went, whatever the HTTP status."),
  accepted: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(1)
    .default([true])
    .describe("What stands there when it went well."),
  code: jsonPointer.optional().describe("Where it has the error's code."),
  message: jsonPointer.optional().describe("Where it has the error's words."),
});

/** The text or number at a pointer as text; undefined where there is none. */
export function textAt(value: unknown, at: string | undefined): string | undefined {
  const found = at === undefined ? undefined : pointer(value, at);
  return typeof found === "string" || typeof found === "number" ? String(found) : undefined;
}

/** What an answer that the status calls good, or a row's result in one, says of itself. */
export function told(value: unknown, means: z.output<typeof answerSettings>): Outcome {
  if (means.status === undefined) return accepted();
  const found = pointer(value, means.status);
  if (found === undefined) return unknown("broken answer: it does not say how it went");
  if (means.accepted.includes(found as string)) return accepted();
  const words = textAt(value, means.message) ?? `answered ${JSON.stringify(found)}`;
  return rejected(textAt(value, means.code) ?? "refused", words);
}
