import { z } from "zod";

/** target/manifest.json: all resources with hashes; the other side of `state:modified`. */
export const manifestSchema = z.object({
  schema: z.literal("millrace/manifest/v1"),
  project: z.string(),
  environment: z.string(),
  resources: z.array(
    z.object({
      id: z.string(),
      file: z.string(),
      hash: z.string(),
      parts: z.record(z.string(), z.string()),
      depends_on: z.array(z.string()),
    }),
  ),
});
