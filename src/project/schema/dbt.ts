/** `dbt:` of millrace.yml. */
import { z } from "zod";
import { fixedDuration, name, problem, text } from "./common.ts";

export const dbtSchema = z
  .strictObject({
    manifest: text
      .exactOptional()
      .describe("dbt's target/manifest.json, relative to this file; for every environment."),
    manifests: z
      .record(name, text)
      .exactOptional()
      .describe("Environment -> its manifest; one without reads seeds/dbt/<name>.csv in place of dbt's nodes."),
    max_age: fixedDuration.exactOptional().describe("A manifest older than this is warned of (W250): 24h."),
    require_success: z
      .boolean()
      .default(false)
      .describe("Syncs whose dbt parents failed in dbt's last run do not run (run_results.json beside the manifest)."),
  })
  .superRefine((value, context) => {
    if ((value.manifest === undefined) === (value.manifests === undefined))
      problem(context, "E103", "dbt takes manifest or manifests, one of the two");
  });
export type DbtSettings = z.output<typeof dbtSchema>;
