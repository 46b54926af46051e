/** Segments, audiences and syncs. */
import { z } from "zod";
import type { Json } from "../../core.ts";
import type { AudienceSpec, IdentifierMapping, Mapping, SegmentSpec, SyncSpec } from "../project.ts";
import { nearest } from "../suggest.ts";
import {
  choose,
  duration,
  fixedDuration,
  isMap,
  json,
  jsonMap,
  mergeMeta,
  metaKeys,
  modelName,
  name,
  notYet,
  problem,
  share,
  text,
  textMap,
} from "./common.ts";
import { guards } from "./guards.ts";
import { rule } from "./rule-schema.ts";
import { audienceTest } from "./tests.ts";

const owner = z.strictObject({
  name: text.exactOptional().describe("A team or a person."),
  email: text.exactOptional().describe("Where to write to."),
});
const status = z
  .enum(["draft", "active", "paused"])
  .default("active")
  .describe("draft: planned, never sent; paused: left alone by sync.");
const date = z.iso.date();

const segmentKeys = {
  name: name.describe("Unique among models, seeds, segments and audiences."),
  label: z.string().exactOptional().describe("What people call it."),
  description: z.string().exactOptional().describe("Who is in it and why."),
  owner: owner.exactOptional().describe("Who answers for it."),
  ...metaKeys,
  model: modelName.describe("The model whose rows are chosen: local or of dbt."),
  where: rule.exactOptional(),
  sql: text
    .exactOptional()
    .describe("Instead of where: a query file beside this one that returns the model's primary key."),
  tests: z.array(audienceTest).default([]).describe("Assertions about who is in it; a failing one stops its syncs."),
  guards: guards.prefault({}),
  priority: notYet("priority:"),
  split: notYet("split:"),
  for_each: notYet("for_each:"),
};

type Keyed = { readonly where?: unknown; readonly sql?: unknown };
function oneQuery(value: Keyed, context: z.RefinementCtx): void {
  if (value.where !== undefined && value.sql !== undefined)
    problem(context, "E105", "where and sql cannot stand together", "keep one of the two");
  if (value.where === undefined && value.sql === undefined)
    problem(context, "E103", "where or sql is missing", "where: { field: country, is: FR }, or sql: file.sql");
}

interface Parsed {
  readonly tags: string[];
  readonly meta: Record<string, Json>;
  readonly config?: { tags: string | string[]; meta: Record<string, Json> };
}
function withMeta<T extends Parsed>({ config, ...rest }: T): Omit<T, "config"> {
  return { ...rest, ...mergeMeta({ ...rest, ...(config && { config }) }) } as Omit<T, "config">;
}
const dropLater = <T extends object>(value: T, keys: readonly string[]): T =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key))) as T;
const laterKeys = ["priority", "split", "for_each", "purpose", "holdout", "goal", "part"] as const;

export const segmentSchema: z.ZodType<SegmentSpec> = z
  // Nothing is sent of a segment: its guards would never be looked at.
  .strictObject({ ...segmentKeys, guards: notYet("guards: of a segment") })
  .superRefine(oneQuery)
  .transform((value) => ({ ...dropLater(withMeta(value), laterKeys), guards: {} }) as unknown as SegmentSpec);

export const audienceSchema: z.ZodType<AudienceSpec> = z
  .strictObject({
    ...segmentKeys,
    status,
    paused_until: date.exactOptional().describe("With paused: active again from this day on."),
    exclude: z.array(text).default([]).describe("Segments and audiences whose members are left out."),
    limit: z
      .strictObject({
        max: z.number().int().min(1).describe("At most so many people."),
        order_by: text.exactOptional().describe("Who comes first: lifetime_value desc; ties by primary key."),
        sticky: z.boolean().exactOptional().describe("Current members come first."),
      })
      .exactOptional()
      .describe("At most so many people."),
    purpose: notYet("purpose:"),
    holdout: notYet("holdout:"),
    goal: notYet("goal:"),
  })
  .superRefine(oneQuery)
  .transform((value) => dropLater(withMeta(value), laterKeys) as unknown as AudienceSpec);

const countryBlock = z.strictObject({
  column: text.describe("A column with two-letter codes."),
  else: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .describe("Where the column is NULL."),
});
const country = choose<string | { readonly column: string; readonly else: string }>(
  "For phones without a country: FR, a column, or { column: country, else: FR }.",
  () => ({ schemas: [text, countryBlock] }),
  (value) => (isMap(value) ? countryBlock : text),
);
const identifierBlock = z.strictObject({
  from: text.describe("The column."),
  default_country: country.exactOptional(),
  hashed: z.boolean().exactOptional().describe("The column holds the platform's hash already."),
});
const identifier = choose<IdentifierMapping>(
  "A column, or { from: phone, default_country: country }.",
  () => ({ schemas: [text, identifierBlock] }),
  (value) => (isMap(value) ? identifierBlock : text.transform((from): IdentifierMapping => ({ from }))),
);

const to = text.describe("The destination's field; dots make nested objects.");
const mappings: readonly (readonly [string, z.ZodType<Mapping>])[] = [
  ["from", z.strictObject({ to, from: text.describe("A column.") })],
  ["value", z.strictObject({ to, value: json.describe("A constant.") })],
  ["template", z.strictObject({ to, template: z.string().describe("Liquid over the row: Bonjour {{ first_name }}.") })],
  [
    "lookup",
    z.strictObject({
      to,
      lookup: z
        .strictObject({
          object: text.describe("The object over there."),
          by: textMap.describe("Its field -> our column."),
        })
        .describe("The id of another object at the destination."),
      on_missing: z.enum(["reject", "omit"]).default("reject").describe("When nothing is found."),
    }),
  ],
];
const mapping = choose<Mapping>(
  "A destination field and where its value comes from.",
  () => ({ schemas: mappings.map(([, schema]) => schema) }),
  (value) => {
    if (!isMap(value)) return "expected a mapping like { to: first_name, from: first_name }";
    const found = mappings.filter(([key]) => Object.hasOwn(value, key));
    if (found.length > 1)
      return `a mapping takes one of from, value, template, lookup; found ${found.map(([key]) => key).join(" and ")}`;
    const chosen =
      found[0] ?? mappings.find(([key]) => Object.keys(value).some((wrong) => nearest(wrong, [key]).length > 0));
    return chosen ? chosen[1] : "a mapping needs one of from, value, template, lookup";
  },
);

const setBlock = z.strictObject({ set: jsonMap.describe("Field -> value sent once on leaving, null clears.") });
const onLeaveWord = z.enum(["remove", "delete", "keep"]);
const onLeave = choose<NonNullable<SyncSpec["on_leave"]>>(
  "What happens to who leaves: remove (membership), delete (records), keep, or { set: { vip: false } }.",
  () => ({ schemas: [onLeaveWord, setBlock] }),
  (value) => (isMap(value) ? setBlock : onLeaveWord),
);

export const syncSchema: z.ZodType<SyncSpec> = z
  .strictObject({
    name: name.describe("Unique among syncs; part of the ledger's tables."),
    description: z.string().exactOptional().describe("What it is for."),
    ...metaKeys,
    audience: text.exactOptional().describe("The audience to send; or model."),
    model: text.exactOptional().describe("The model to send; or audience."),
    destination: text.describe("A destination of destinations/*.yml."),
    object: text.describe("What the rows become over there: audience, contact, list …"),
    remote: jsonMap.default({}).describe("Which one over there: { name: Lapsed buyers, create: true }."),
    mode: z
      .enum(["mirror", "upsert", "add", "update", "remove", "append"])
      .describe("What the destination is kept at."),
    on_leave: onLeave.exactOptional(),
    initial: z
      .enum(["backfill", "from_now"])
      .default("backfill")
      .describe("The first run sends everyone, or only who comes after it."),
    on_mapping_change: z
      .enum(["backfill", "from_now"])
      .default("backfill")
      .describe("A new mapping is sent to everyone, or with the next change of a row."),
    status,
    paused_until: date.exactOptional().describe("With paused: active again from this day on."),
    schedule: z
      .strictObject({
        cron: text.describe("Five fields: 0 6 * * *."),
        timezone: text.exactOptional().describe("Default: the project's."),
      })
      .exactOptional()
      .describe("When sync --due runs it."),
    key: textMap.exactOptional().describe("The platform's match field -> column: { email: email }."),
    identifiers: z
      .record(z.string(), identifier)
      .default({})
      .describe("Identifier kind -> column; default: the model's that the object knows."),
    mappings: z.array(mapping).default([]).describe("The other fields."),
    nulls: z
      .enum(["omit", "clear"])
      .default("omit")
      .describe("omit: a NULL is not sent; clear: it empties the field over there."),
    after: z.array(text).default([]).describe("Syncs that go first in the same run."),
    rejected_rows: z
      .strictObject({
        warn: share.default(0.005).describe("Share of rows refused by the platform that is worth a warning."),
        fail: share.default(0.05).describe("Share that makes the run end with 4."),
        min: z.number().int().min(0).default(20).describe("Below so many rejected rows neither counts."),
        retry: z
          .strictObject({
            attempts: z.number().int().min(1).max(1000).default(5).describe("Tried so often at least …"),
            age: fixedDuration.default(86_400_000).describe("… and for so long: 24h."),
          })
          .transform(({ attempts, age }) => ({ attempts, ageMs: age }))
          .prefault({})
          .describe("When a refused row is given up, until it changes or is retried by name."),
      })
      .prefault({})
      .describe("How many refused rows are too many."),
    guards: guards.prefault({}),
    alerts: z
      .strictObject({ late_after: duration.exactOptional().describe("Late when the last success is older.") })
      .exactOptional()
      .describe("When people are told."),
    adopt: z.boolean().default(false).describe("Rows found over there at the first run are ours to remove."),
    append: z
      .strictObject({
        time: text.describe("A date or timestamp column: when it happened."),
        horizon: fixedDuration.describe("Sent while at most so old, and remembered for twice as long: 90d."),
      })
      .transform(({ time, horizon }) => ({ time, horizonMs: horizon }))
      .exactOptional()
      .describe("Mode append: which events are too old to be sent."),
    refresh: duration.exactOptional().describe("Send a membership again this long after it was sent."),
    purpose: notYet("purpose:"),
    part: notYet("part:"),
    for_each: notYet("for_each:"),
  })
  .superRefine((value, context) => {
    if (value.audience !== undefined && value.model !== undefined)
      problem(context, "E105", "audience and model cannot stand together", "keep one of the two");
    if (value.audience === undefined && value.model === undefined)
      problem(context, "E103", "audience or model is missing");
    if (value.append !== undefined && value.mode !== "append")
      problem(context, "E105", `append: stands only with mode: append, not with ${value.mode}`, "take it out", [
        "append",
      ]);
  })
  .transform((value) => {
    const { description: _description, ...rest } = dropLater(withMeta(value), laterKeys);
    return rest as unknown as SyncSpec;
  });
