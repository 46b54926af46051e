/** Building blocks of the file schemas: blocks of keys, choices by key, durations, shares, and keys of later versions. */
import { z } from "zod";
import type { Json } from "../../core.ts";
import { parseDuration } from "../duration.ts";
import type { Limit } from "../project.ts";

/** Alternatives of a {@link choose}, for the JSON Schema; `id` makes recursion a reference. */
export interface Alternatives {
  readonly id?: string;
  readonly schemas: readonly z.ZodType[];
}

const choices = new WeakMap<z.ZodType, () => Alternatives>();
const later = new WeakSet<z.ZodType>();

export const alternativesOf = (schema: unknown): Alternatives | undefined => choices.get(schema as z.ZodType)?.();
export const isLater = (schema: unknown): boolean => later.has(schema as z.ZodType);

/** Keys a person may write in a block: without those whose part is not built yet. */
export function allowedKeys(schema: unknown): readonly string[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape)
    .filter(([, value]) => !isLater(value))
    .map(([key]) => key);
}

/** The error map of every parse: an unknown key's message is the list of keys allowed there, for {@link ../issues.ts}. */
export const wording = (issue: { readonly code?: string; readonly inst?: unknown }): string | undefined =>
  issue.code === "unrecognized_keys" ? allowedKeys(issue.inst).join(", ") : undefined;

/** A problem of our own with its code; the issue travels through zod with the path it was found at. */
export function problem(
  context: z.RefinementCtx,
  code: string,
  message: string,
  hint?: string,
  path: readonly string[] = [],
): void {
  context.addIssue({
    code: "custom",
    message,
    path: [...path],
    params: hint === undefined ? { code } : { code, hint },
  });
}

/**
 * A union whose branch is picked by our own code (decision 61), so that an error names the key meant and keeps its
 * place. `pick` gives the branch, or the sentence that says what was expected.
 */
export function choose<T>(
  description: string,
  alternatives: () => Alternatives,
  pick: (value: unknown) => z.ZodType<T> | string,
): z.ZodType<T> {
  const schema = z
    .unknown()
    .transform((value, context): T => {
      const branch = pick(value);
      if (typeof branch === "string") {
        problem(context, value === undefined ? "E103" : "E104", branch);
        return z.NEVER;
      }
      const result = branch.safeParse(value, { error: wording });
      if (result.success) return result.data;
      for (const issue of result.error.issues) context.issues.push({ ...issue, input: value } as never);
      return z.NEVER;
    })
    .describe(description);
  choices.set(schema, alternatives);
  return schema as unknown as z.ZodType<T>;
}

/** A key that stands in the formats but whose part of the tool is not in this version: never ignored (decision 17). */
export function notYet(part: string): z.ZodOptional<z.ZodType<undefined>> {
  const schema = z
    .unknown()
    .transform((_value, context): undefined => {
      problem(
        context,
        "E190",
        `${part} is not in this version of millrace`,
        "take the key out until a version that has it",
      );
      return undefined;
    })
    .describe(`${part}: not in this version.`)
    .optional() as unknown as z.ZodOptional<z.ZodType<undefined>>;
  later.add(schema);
  return schema;
}

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Is this a name as users give them (decision 26)? It becomes part of table names. */
export const isName = (value: string): boolean => /^[a-z][a-z0-9_]{0,62}$/.test(value) && !value.includes("__");

/** A name a user gives. */
export const name = z.string().superRefine((value, context) => {
  if (!isName(value)) noName(value, context);
});

/** A name of a model: one's own, or as dbt allows them: `stg_shop__orders`. */
export const modelName = z.string().superRefine((value, context) => {
  if (!/^[A-Za-z_]\w{0,199}$/.test(value)) noName(value, context);
});

function noName(value: string, context: z.RefinementCtx): void {
  problem(
    context,
    "E112",
    `"${value.slice(0, 80)}" is no name: small letters, digits and single underscores, a letter first, at most 63`,
    suggestion(value),
  );
}

function suggestion(value: string): string | undefined {
  const better = value
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^[^a-z]+|_+$/g, "")
    .slice(0, 63);
  return /^[a-z]/.test(better) ? `for example "${better}"` : undefined;
}

/** Any text that is not empty. */
export const text = z.string().min(1);

export const duration = z.string().superRefine((value, context) => {
  const parsed = parseDuration(value);
  if ("problem" in parsed) problem(context, "E111", parsed.problem);
});

/** A duration of fixed length, as milliseconds. */
export const fixedDuration = z.string().transform((value, context): number => {
  const parsed = parseDuration(value);
  if ("problem" in parsed) problem(context, "E111", parsed.problem);
  else if (parsed.unit === "mo" || parsed.unit === "y")
    problem(context, "E111", `"${value}" has no fixed length: use s, min, h, d or w`);
  else return parsed.count * { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[parsed.unit];
  return z.NEVER;
});

const percent = /^(\d{1,9}(?:\.\d{1,6})?)\s*%$/;

/** `5%` or `0.05`, as 0.05. */
export const share = z.union([z.string(), z.number()]).transform((value, context): number => {
  const number = typeof value === "number" ? value : Number(percent.exec(value)?.[1] ?? "NaN") / 100;
  if (number >= 0 && number <= 1) return number;
  problem(context, "E105", `expected a share like 5%, found "${String(value).slice(0, 40)}"`);
  return z.NEVER;
});

/** `20%` is a share, a bare number counts people, `off` switches off (decision 10). */
export const limit = z.union([z.string(), z.number()]).transform((value, context): Limit => {
  if (value === "off") return "off";
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return { rows: value };
  const match = typeof value === "string" ? percent.exec(value) : null;
  if (match) return { share: Number(match[1]) / 100 };
  problem(
    context,
    "E105",
    `expected a share like 20%, a whole number of people, or off, found "${String(value).slice(0, 40)}"`,
  );
  return z.NEVER;
});

/** Any value; integers beyond 2^53 become their exact digits as text, since JSON numbers would round them. */
export const json: z.ZodType<Json> = z.unknown().transform((value): Json => toJson(value));

export function toJson(value: unknown): Json {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(toJson);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJson(inner)]));
  return (value ?? null) as Json;
}

export const jsonMap = z.record(z.string(), json);
export const textMap = z.record(z.string(), text);

const meta = z.record(z.string(), json).describe("Anything of your own; meta.owner is what owner: selects.");

/** `tags`, `meta` and dbt's `config: { tags, meta }`; both places are read. */
export const metaKeys = {
  tags: z.array(text).default([]).describe("Words to select by: tag:paid."),
  meta: meta.default({}),
  config: z
    .strictObject({
      tags: z
        .union([text, z.array(text)])
        .default([])
        .describe("As tags, dbt's place for it."),
      meta: meta.default({}),
      materialized: z
        .enum(["view", "table", "inline"])
        .exactOptional()
        .describe("As materialize, dbt's word for it (models only)."),
    })
    .exactOptional()
    .describe("dbt's place for tags and meta."),
};

interface MetaInput {
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, Json>>;
  readonly config?: { readonly tags: string | readonly string[]; readonly meta: Readonly<Record<string, Json>> };
}

/** Joins both places of tags and meta. */
export function mergeMeta({ tags, meta: own, config }: MetaInput): {
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, Json>>;
} {
  return { tags: [...new Set([...tags, ...[config?.tags ?? []].flat()])], meta: { ...config?.meta, ...own } };
}
