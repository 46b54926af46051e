/** A model of the library: the YAML beside its SQL in the package's models/. */
import { z } from "zod";
import { duration, name, text } from "./common.ts";

const described = { name, description: text.describe("What to give, with an example.") };

const parameter = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("model"), ...described }),
  z.strictObject({
    type: z.literal("column"),
    of: z.array(name).min(1).describe("Parameters that have it."),
    holds: z.enum(["time", "number"]).exactOptional().describe("What it must hold; anything when absent."),
    ...described,
  }),
  z.strictObject({ type: z.literal("duration"), default: duration.exactOptional(), ...described }),
]);
/** `model` is read by ref() or source(), a `column` is one of each model in `of`, a `duration` is 30min or 3d. */
export type LibraryParameter = z.output<typeof parameter>;

export const librarySchema = z.strictObject({
  name,
  description: text.describe("One row per what."),
  parameters: z.array(parameter).min(1),
  columns: z
    .array(z.strictObject({ name: text.describe("May hold {{ var('parameter') }}."), description: text }))
    .min(1)
    .describe("What the model returns, in this order."),
  unit_tests: z.array(z.unknown()).min(1).describe("As a project's, with arguments: in place of model:."),
});
