/** The keys of dbt's artifacts that millrace reads. Versions are told by these, not by their number: v10 to v12 have them all. */
import { z } from "zod";

const texts = z.array(z.string()).catch([]);
const anything = z.record(z.string(), z.unknown());

const column = z.object({
  name: z.string(),
  description: z.string().nullish(),
});
const columns = z.record(z.string(), column).catch({});

/** A model, seed or snapshot. */
export const nodeSchema = z.object({
  unique_id: z.string(),
  name: z.string(),
  package_name: z.string(),
  resource_type: z.enum(["model", "seed", "snapshot"]),
  relation_name: z.string().nullable(),
  description: z.string().nullish(),
  columns,
  tags: texts,
  meta: anything.catch({}),
  version: z.union([z.string(), z.number()]).nullish(),
  latest_version: z.union([z.string(), z.number()]).nullish(),
  compiled_code: z.string().nullish(),
  raw_code: z.string().nullish(),
  contract: z
    .object({ enforced: z.boolean().catch(false) })
    .nullish()
    .catch(null),
  config: z
    .object({
      materialized: z.string().nullish(),
      meta: anything.catch({}),
      snapshot_meta_column_names: z.record(z.string(), z.string().nullable()).nullish().catch(null),
    })
    .catch({ meta: {} }),
});
export type ManifestNode = z.output<typeof nodeSchema>;

/** A generic test: `unique` and its like, and of packages. */
export const testSchema = z.object({
  unique_id: z.string(),
  resource_type: z.literal("test"),
  attached_node: z.string().nullish(),
  column_name: z.string().nullish(),
  test_metadata: z.object({ name: z.string(), namespace: z.string().nullish(), kwargs: anything.catch({}) }).nullish(),
  config: z
    .object({
      severity: z.string().nullish(),
      where: z.string().nullish(),
      error_if: z.string().nullish(),
      warn_if: z.string().nullish(),
    })
    .catch({}),
});
export type ManifestTest = z.output<typeof testSchema>;

export const sourceTableSchema = z.object({
  unique_id: z.string(),
  source_name: z.string(),
  name: z.string(),
  schema: z.string(),
  relation_name: z.string().nullable(),
  description: z.string().nullish(),
  source_description: z.string().nullish(),
  columns,
});
export type ManifestSource = z.output<typeof sourceTableSchema>;

const metadata = z.object({
  generated_at: z.iso.datetime({ offset: true }),
  dbt_schema_version: z.string().catch(""),
  project_name: z.string().nullish(),
});

export const manifestSchema = z.object({ metadata, nodes: anything, sources: anything });

export const catalogSchema = z.object({
  metadata,
  nodes: z.record(z.string(), z.object({ columns: anything.catch({}) })),
});

export const runResultsSchema = z.object({
  metadata,
  args: z.object({ which: z.string().nullish() }).catch({}),
  results: z.array(z.object({ unique_id: z.string(), status: z.string() })),
});
export type RunResults = z.output<typeof runResultsSchema>;
