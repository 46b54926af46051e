/** Whole syncs as stories of days: who is there, what the run is told and when it dies, and what the platform and the ledger hold then. */
import type { SyncOptions } from "../../../src/engine/api.ts";
import type { Moment } from "./crash.ts";

/** `id, name, email, country, spent`; a missing value is NULL. */
export type Row = readonly [
  id: number,
  name: string | null,
  email?: string | null,
  country?: string | null,
  spent?: number,
];

/** Key -> fields; `member` of a webhook, or the titles of events. */
export type Held = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Day {
  /** All people from this day on; those of the day before where it says nothing. */
  readonly people?: readonly Row[];
  /** A text of models/models.yml for another. */
  readonly edit?: readonly [from: string, to: string];
  /** Keys that the platform refuses from this day on. */
  readonly refused?: readonly string[];
  /** The answer to the first update is lost, though it was done. */
  readonly lost?: true;
  /** How the run is asked for, besides everything being selected. */
  readonly run?: Partial<SyncOptions>;
  /** The run dies then, and a person frees its lock. */
  readonly dies?: Moment;
  /** With the run its disk is gone: the next one has the project's files and no more. */
  readonly diskGone?: true;
  /** How the run ends: the sync's status, or a code; several where it is a matter of moments. Absent where it dies. */
  readonly ends?: string | readonly string[];
  /** What the platform holds after the run, where it is not as after the day before. */
  readonly held?: Held;
  /** State of each key in the ledger, where not every one held is `ok`. */
  readonly ledger?: Readonly<Record<string, string>>;
}

export interface Story {
  readonly name: string;
  /** Of the audience's or model's one sync; `mode` and what stands beside it. */
  readonly sync?: string;
  /** Instead of all people. */
  readonly audience?: string;
  readonly segments?: string;
  /** Where the journal stands, if not on the disk. */
  readonly journal?: "warehouse";
  readonly guards?: string;
  /** Events at a platform that drops one it knows, instead of a webhook. */
  readonly events?: true;
  /** Where it cannot be told, and why. */
  readonly not?: { readonly on: "DuckDB"; readonly because: string };
  readonly days: readonly Day[];
}

const named = (names: Readonly<Record<number, string>>): readonly Row[] =>
  Object.entries(names).map(([id, name]) => [Number(id), name, `p${id}@example.com`, "FR", 10]);
const held = (names: Readonly<Record<number, string>>): Held =>
  Object.fromEntries(Object.entries(names).map(([id, name]) => [id, { name }]));

const monday = { 1: "Ada", 2: "Bo", 3: "Cy", 4: "Di", 5: "Ed" };
/** One came, two have other names, one left. */
const tuesday = { 2: "Bo", 3: "Cyd", 4: "Dia", 5: "Ed", 6: "Flo" };
const wednesday = { 2: "Bob", 5: "Ed", 6: "Flo", 7: "Gus" };

const first: Day = { people: named(monday), ends: "ok", held: held(monday) };

/** A day of changes whose run dies, and the run after it. */
const crashed = (
  dies: Moment,
  atPlatform: Held,
  next: string | readonly string[],
  more: Partial<Day> = {},
): readonly Day[] => [
  first,
  { people: named(tuesday), dies, held: atPlatform, ...more },
  { ends: next, held: held(tuesday) },
];
/** What was about to be sent, too, is sent again under its name before the next day is planned: then nothing may be left. */
const restSent = ["ok", "unchanged"] as const;
/** Removals and changes go first: nobody has come yet. */
const halfOfTuesday = held({ 2: "Bo", 3: "Cyd", 4: "Dia", 5: "Ed" });

export const stories: readonly Story[] = [
  {
    name: "a first run, a quiet one, two days of changes",
    days: [
      first,
      { ends: "unchanged" },
      { people: named(tuesday), ends: "ok", held: held(tuesday) },
      { people: named(wednesday), ends: "ok", held: held(wednesday) },
    ],
  },
  {
    name: "the first run of all dies in the middle of sending",
    days: [
      { people: named(monday), dies: "half is sent", held: held({ 1: "Ada", 2: "Bo", 3: "Cy", 4: "Di" }) },
      { ends: restSent, held: held(monday) },
    ],
  },
  { name: "a run dies before it sends", days: crashed("the plan is open", held(monday), "ok") },
  { name: "a run dies in the middle of sending", days: crashed("half is sent", halfOfTuesday, restSent) },
  { name: "a run dies when all is sent", days: crashed("all is sent", held(tuesday), "unchanged") },
  { name: "a run dies in the middle of its settle", days: crashed("all is settled", held(tuesday), "unchanged") },
  {
    name: "a run dies, and the next one while it recovers",
    days: [
      ...crashed("half is sent", halfOfTuesday, restSent).slice(0, 2),
      { people: named(wednesday), dies: "all is settled", held: halfOfTuesday },
      { ends: "ok", held: held(wednesday) },
    ],
  },
  {
    name: "a run dies, and whom it was sending leaves before the next one",
    days: [
      ...crashed("half is sent", halfOfTuesday, restSent).slice(0, 2),
      { people: named({ 2: "Bo", 3: "Cyd" }), ends: "ok", held: held({ 2: "Bo", 3: "Cyd" }) },
    ],
  },
  {
    name: "an answer is lost",
    days: [
      first,
      {
        people: named(tuesday),
        lost: true,
        ends: "partial",
        held: held(tuesday),
        ledger: { 2: "ok", 3: "doubt", 4: "doubt", 5: "ok", 6: "ok" },
      },
      // Asked again under its name before the day is planned.
      { ends: "unchanged" },
    ],
  },
  {
    name: "a row is refused, changes, and is taken",
    days: [
      first,
      { people: named(tuesday), refused: ["6"], ends: "partial", held: held({ 2: "Bo", 3: "Cyd", 4: "Dia", 5: "Ed" }) },
      {
        people: named({ ...tuesday, 6: "Florence" }),
        refused: [],
        ends: "ok",
        held: held({ ...tuesday, 6: "Florence" }),
      },
    ],
  },
  {
    name: "a field is called otherwise: everybody is sent again",
    days: [
      first,
      { edit: ["to: name", "to: title"], ends: "ok", held: titled(monday) },
      { people: named(tuesday), ends: "ok", held: titled(tuesday) },
    ],
  },
  {
    name: "a field is called otherwise from now on: who changes is sent",
    sync: "mode: mirror, on_mapping_change: from_now",
    days: [
      first,
      { edit: ["to: name", "to: title"], ends: "ok" },
      {
        people: named(tuesday),
        ends: "ok",
        held: { ...held({ 2: "Bo", 5: "Ed" }), ...titled({ 3: "Cyd", 4: "Dia", 6: "Flo" }) },
      },
    ],
  },
  {
    name: "who leaves is marked and stays",
    sync: "mode: upsert, on_leave: { set: { name: gone } }",
    days: [
      first,
      { people: named(tuesday), dies: "all is sent", held: held({ ...tuesday, 1: "gone" }) },
      { ends: "unchanged", ledger: { 1: "left", 2: "ok", 3: "ok", 4: "ok", 5: "ok", 6: "ok" } },
    ],
  },
  {
    name: "events are sent once",
    events: true,
    days: [
      // The first request asks whose account it is.
      { people: named(monday), dies: "half is sent", held: held({ 1: "Ada" }) },
      // All were about to be sent: they are sent again under their names before the day is planned.
      { ends: "unchanged", held: held(monday) },
      { people: named(tuesday), ends: "ok", held: held({ ...monday, 6: "Flo" }) },
    ],
  },
  {
    name: "of two rows with one key none is sent, or the first",
    days: [
      first,
      { people: [...named(tuesday), [6, "Flora", "f@example.com", "FR", 9]], ends: "E521", held: held(monday) },
      {
        edit: ["primary_key: id", "primary_key: id, on_duplicate_key: { keep: first, order_by: name }"],
        ends: "ok",
        held: held(tuesday),
      },
    ],
  },
  {
    name: "names in all letters and none at all, chosen by a segment",
    segments: "segments: [{ name: known, model: customers, where: { field: email, is_not_null: true } }]\n",
    audience: "in_segment: known",
    days: [
      {
        people: [
          [1, "Zoë O'Neill", "zoe@example.com"],
          [2, null, "none@example.com"],
          [3, "王小明 🙂", "wang@example.com"],
          [4, "nobody", null],
          [5, 'a "quoted" \\ name\nof two lines', "quoted@example.com"],
        ],
        ends: "ok",
        held: {
          1: { name: "Zoë O'Neill" },
          2: {},
          3: { name: "王小明 🙂" },
          5: { name: 'a "quoted" \\ name\nof two lines' },
        },
      },
      {
        people: [
          [1, "Zoë O'Neill", null],
          [2, "Núñez", "none@example.com"],
          [3, null, "wang@example.com"],
        ],
        ends: "ok",
        held: { 2: { name: "Núñez" }, 3: {} },
      },
    ],
  },
  {
    name: "too many leave: nothing is sent until somebody says so",
    guards: "guards: { empty: allow, shrink: off, growth: off, remove: { share: 10%, min: 1 } }\n",
    days: [
      first,
      { people: named({ 5: "Edna" }), ends: "stopped" },
      { run: { overrides: [{ guard: "G4", reason: "a town was closed" }] }, ends: "ok", held: held({ 5: "Edna" }) },
    ],
  },
  {
    name: "a run dies with its disk, and its journal is in the warehouse",
    journal: "warehouse",
    not: { on: "DuckDB", because: "its ledger is on the disk that is gone" },
    days: crashed("half is sent", halfOfTuesday, restSent, { diskGone: true }),
  },
];

function titled(names: Readonly<Record<number, string>>): Held {
  return Object.fromEntries(Object.entries(names).map(([id, title]) => [id, { title }]));
}
