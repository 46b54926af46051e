import { z } from "zod";
import { name, text } from "./common.ts";

/** selectors.yml: expressions with a name. */
export const selectorsSchema = z.strictObject({
  selectors: z.array(
    z.strictObject({
      name: name.describe("--selector NAME."),
      description: z.string().exactOptional().describe("What it is for."),
      select: text.describe("An expression: tag:paid+ destination:meta_ads."),
      exclude: text.exactOptional().describe("An expression taken out again."),
    }),
  ),
});
export type SelectorSpec = z.output<typeof selectorsSchema>["selectors"][number];
