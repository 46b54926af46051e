/** One sync, `vip`, of a column of each common type: what its statements look like in every dialect. */
import type { DiffInput } from "../../src/engine/diff.ts";
import type { FrozenPlan } from "../../src/engine/frozen.ts";
import type { Shape } from "../../src/engine/shape.ts";
import type { Policy } from "../../src/ledger/rules.ts";
import type { ColumnFamily } from "../../src/warehouse/warehouse.ts";
import { shapeOfWorld } from "../engine/pipeline-run.ts";
import { columns as typesOf } from "../audience/dialect-cases.ts";
import type { Place } from "./recorded.ts";

export const runId = "r_20260301_060000_ab12";
export const plan = "4be1d20aa7";
export const fence = 7;
/** 2026-03-01 06:00 UTC. */
export const now = 1_772_344_800_000;
export const tag = 4242;

const policies = {
  mirror: { kind: "membership", mode: "mirror", onLeave: "remove", delivery: "set" },
  append: { kind: "event", mode: "append", onLeave: "keep", delivery: "once" },
} as const satisfies Readonly<Record<string, Partial<Policy>>>;

const families: Readonly<Record<string, ColumnFamily>> = {
  id: "integer",
  email: "text",
  phone: "text",
  country: "text",
  name: "text",
  spent: "decimal",
  since: "date",
};

/** Customers by their number: an e-mail address, a phone number read by its country, and three fields. */
export function vip(mode: keyof typeof policies): Shape {
  const policy = { ...policies[mode], lateMs: 0, adopt: false, giveUp: { attempts: 5, ageMs: 86_400_000 } };
  const shape = shapeOfWorld({ policy, identify: mode === "append" ? "key" : "each" });
  const append = mode === "append" ? { append: { time: "since", horizonMs: 864_000_000 } } : {};
  return {
    ...shape,
    sync: { ...shape.sync, name: "vip", spec: { ...shape.sync.spec, name: "vip", mode, ...append } },
    keyColumns: [{ name: "id", type: typesOf.integer.duckdb, family: "integer" }],
    families: new Map(Object.entries(families)),
    identifiers:
      mode === "append"
        ? []
        : [
            { kind: "email", column: "email", hashed: false, country: {} },
            { kind: "phone", column: "phone", hashed: false, country: { column: "country", literal: "FR" } },
          ],
    fields: ["name", "since", "spent"].map((to) => ({
      to,
      mapping: { to, from: to } as Shape["fields"][number]["mapping"],
      columns: [to],
    })),
    header: "0123456789abcdef",
  };
}

/** The difference of `vip` with its ledger. */
export const diffOf = ({ ledger, ferry, shop }: Place, shape: Shape, more: Partial<DiffInput> = {}): DiffInput => ({
  ledger,
  id: "vip",
  shape,
  rows: shop("customers"),
  scratch: ferry.scratch,
  tag,
  refreshBefore: null,
  full: false,
  older: [],
  ...more,
});

/** What is frozen of a plan of `vip`. */
export const frozenOf = (shape: Shape, more: Partial<FrozenPlan> = {}): FrozenPlan =>
  ({
    sync: "vip",
    id: "vip",
    plan,
    m: 2,
    tag,
    mappingHash: "9f86d081884c7d65",
    mapping: { isNew: false, definition: "{}" },
    reprinted: 0,
    restamped: 0,
    spec: shape.sync.spec,
    ...more,
  }) as FrozenPlan;
