/** Small random worlds for the pipeline: a model's rows, a ledger in any state, and what the pure rules make of them. */
import fc from "fast-check";
import type { SentIdentifier } from "../../src/core.ts";
import type { Policy, Rejection, RowState } from "../../src/ledger/rules.ts";

export const now = 1_800_000_000_000;
export const lateMs = 15 * 60_000;
const minute = 60_000;

export type Identify = "each" | "any" | "key";

export interface Person {
  readonly wanted: boolean;
  readonly email: string | null;
  readonly phone: string | null;
  readonly content: string;
}

/** A row of the ledger; `content` says how its print stands to today's, `extra` what it holds besides or instead. */
export interface Held {
  readonly state: RowState;
  readonly content: "same" | "other" | "none";
  readonly tagged: boolean;
  readonly extra: readonly SentIdentifier[];
  readonly doubtAt: number | null;
  readonly remoteId: string | null;
  readonly unanswered: boolean;
  readonly sentAt: number;
}

export interface Refused {
  readonly op: "add" | "remove";
  readonly id: SentIdentifier;
  readonly content: "same" | "other";
  readonly attempts: number;
  readonly due: boolean;
  readonly dead: boolean;
}

export interface KeySpec {
  readonly person: Person;
  readonly held: Held | null;
  readonly refused: readonly Refused[];
}

export interface WorldSpec {
  readonly policy: Policy;
  readonly identify: Identify;
  readonly keys: Readonly<Record<string, KeySpec>>;
  readonly full: boolean;
  readonly retry: boolean;
  readonly windowRows: number;
  /** Seeds the verdicts. */
  readonly salt: number;
}

type Choice = Pick<Policy, "kind" | "mode" | "onLeave"> & { readonly deliveries: readonly Policy["delivery"][] };

const choices: readonly Choice[] = [
  { kind: "membership", mode: "mirror", onLeave: "remove", deliveries: ["set", "keyed", "once"] },
  { kind: "membership", mode: "mirror", onLeave: "remove", deliveries: ["set"] },
  { kind: "membership", mode: "mirror", onLeave: "set", deliveries: ["set"] },
  { kind: "membership", mode: "upsert", onLeave: "keep", deliveries: ["set", "keyed"] },
  { kind: "membership", mode: "add", onLeave: "keep", deliveries: ["set"] },
  { kind: "membership", mode: "remove", onLeave: "keep", deliveries: ["set"] },
  { kind: "record", mode: "mirror", onLeave: "delete", deliveries: ["set", "keyed"] },
  { kind: "record", mode: "upsert", onLeave: "keep", deliveries: ["set", "keyed"] },
  { kind: "record", mode: "upsert", onLeave: "set", deliveries: ["set"] },
  { kind: "record", mode: "update", onLeave: "keep", deliveries: ["set"] },
  { kind: "record", mode: "add", onLeave: "keep", deliveries: ["set"] },
  { kind: "event", mode: "append", onLeave: "keep", deliveries: ["once", "keyed", "set"] },
];

const emails = ["a@example.com", "A@example.com", "b@example.com", "B@Example.com", "c@example.com"];
const phones = ["+33612", "+33699"];
const email = (value: string): SentIdentifier => ({ kind: "email", value: value.toLowerCase(), version: 1 });
const phone = (value: string): SentIdentifier => ({ kind: "phone", value, version: 1 });

export function identifiersOf(
  k: string,
  { email: e, phone: p }: Person,
  identify: Identify,
): readonly SentIdentifier[] {
  if (identify === "key") return [{ kind: "key", value: k, version: 1 }];
  return [...(e === null ? [] : [email(e)]), ...(p === null ? [] : [phone(p)])];
}

const policies: fc.Arbitrary<Policy> = fc
  .constantFrom(...choices)
  .chain(({ deliveries, ...choice }) =>
    fc
      .record({ delivery: fc.constantFrom(...deliveries), adopt: fc.boolean() })
      .map((more) => ({ ...choice, ...more, lateMs, giveUp: { attempts: 5, ageMs: 86_400_000 } })),
  );

const people: fc.Arbitrary<Person> = fc.record({
  wanted: fc.boolean(),
  email: fc.option(fc.constantFrom(...emails), { freq: 5 }),
  phone: fc.option(fc.constantFrom(...phones), { freq: 2 }),
  content: fc.constantFrom("A", "B"),
});

const identifier = fc.constantFrom(
  email("a@example.com"),
  email("b@example.com"),
  email("c@example.com"),
  ...phones.map(phone),
);

const rowsHeld: fc.Arbitrary<Held> = fc.record({
  state: fc.constantFrom<RowState>("ok", "ok", "doubt", "owed", "left", "assumed", "held"),
  content: fc.constantFrom("same", "other", "none"),
  tagged: fc.boolean(),
  extra: fc.uniqueArray(identifier, { maxLength: 3, selector: (id) => id.kind + id.value }),
  doubtAt: fc.constantFrom(null, now - 5 * minute, now - 60 * minute),
  remoteId: fc.constantFrom(null, "own", "shared"),
  unanswered: fc.boolean(),
  sentAt: fc.constantFrom(now - 1_000 * minute, now - 100_000 * minute),
});

const refusals: fc.Arbitrary<Refused> = fc.record({
  op: fc.constantFrom("add", "remove"),
  id: identifier,
  content: fc.constantFrom("same", "other"),
  attempts: fc.constantFrom(1, 6),
  due: fc.boolean(),
  dead: fc.boolean(),
});

const keySpecs: fc.Arbitrary<KeySpec> = fc.record({
  person: people,
  held: fc.option(rowsHeld, { freq: 3 }),
  refused: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(refusals, { minLength: 1, maxLength: 2 }) },
  ),
});

/**
 * Does the plan look at every pair of wanted keys of one record? It does when one of them comes or changes (R10). Both right
 * and unchanged is what no run leaves; with one that is held, the pair is decided when a person has resolved it.
 */
function looksAtPairs({ policy, identify, keys }: WorldSpec): boolean {
  if (policy.kind !== "record" || identify === "key") return true;
  const quiet = Object.entries(keys).flatMap(([k, { person, held }]) => {
    const unchanged = held?.content === "same" && (held.state === "ok" || held.state === "assumed");
    const [match] = person.wanted && (unchanged || held?.state === "held") ? identifiersOf(k, person, identify) : [];
    return match === undefined ? [] : [match.value];
  });
  return new Set(quiet).size === quiet.length;
}

export const worlds: fc.Arbitrary<WorldSpec> = fc
  .record({
    policy: policies,
    manner: fc.constantFrom<Identify>("each", "any", "any", "key"),
    keys: fc.tuple(keySpecs, keySpecs, keySpecs, keySpecs, keySpecs),
    full: fc.constantFrom(false, false, false, true),
    retry: fc.constantFrom(false, false, true),
    windowRows: fc.constantFrom(1, 2, 1_000),
    salt: fc.nat(),
  })
  .map(({ policy, manner, keys, full, ...rest }) => ({
    policy,
    identify: policy.kind === "event" ? "key" : policy.kind === "record" && manner === "each" ? "any" : manner,
    keys: Object.fromEntries(keys.map((spec, at) => [`k${at + 1}`, spec])),
    full: full && (policy.mode === "mirror" || policy.mode === "upsert" || policy.mode === "update"),
    ...rest,
  }))
  .filter(looksAtPairs);

/** The ledger's rejection of a spec; `h` as the content it speaks of. */
export function rejectionOf(k: string, one: Refused, h: string | null): Rejection {
  const nextAfter = one.due ? now - minute : now + minute;
  const filed = one.op === "remove" ? null : one.content === "same" ? h : "77";
  const { op, id, attempts, dead } = one;
  const said = { code: "refused", message: "no", firstAt: now - 2_000 * minute, lastAt: now - 30 * minute };
  return { k, op, kind: id.kind, value: id.value, h: filed, attempts, nextAfter, dead: dead && op === "add", ...said };
}
