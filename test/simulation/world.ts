/** The model of a simulated run: a few people, their spellings of shared identifiers, who is in the audience, who is denied. */
import type { SentIdentifier } from "../../src/core.ts";
import type { Wanted } from "../../src/ledger/rules.ts";
import type { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";

/** An identifier that remembers how the warehouse spelt it; only the planted bug of R3 looks at `raw`. */
export interface SpeltIdentifier extends SentIdentifier {
  readonly raw: string;
}

export interface Person {
  readonly wanted: boolean;
  readonly denied: boolean;
  readonly email: string | null;
  readonly phone: string | null;
  readonly content: string;
}

export type World = Map<string, Person>;

const keys = ["k1", "k2", "k3", "k4", "k5"];
const emails = ["a@example.com", "A@example.com", "b@example.com", "B@Example.com", "c@example.com", "d@example.com"];
const phones = ["+33 6 12", "+33612", "+33 6 99", "+33699", "+33 6 55"];
const contents = ["A", "B", "C"];

export function newWorld(random: Random): World {
  return new Map(keys.map((k) => [k, somebody(random)]));
}

function somebody(random: Random): Person {
  const phone = random.chance(0.6) ? random.pick(phones) : null;
  return {
    wanted: random.chance(0.6),
    denied: false,
    email: random.pick(emails),
    phone,
    content: random.pick(contents),
  };
}

/** One to three people enter, leave, change an identifier, content or consent. */
export function mutate(world: World, random: Random): void {
  for (let left = 1 + random.int(3); left > 0; left--) {
    const k = random.pick(keys);
    const person = world.get(k) as Person;
    const to = [
      { wanted: !person.wanted },
      { wanted: !person.wanted },
      { email: random.chance(0.1) ? null : random.pick(emails) },
      { phone: random.chance(0.3) ? null : random.pick(phones) },
      { content: random.pick(contents) },
      { denied: !person.denied && random.chance(0.6) },
    ];
    world.set(k, { ...person, ...random.pick(to) });
  }
}

/** A person's identifiers as the platform is given them: normalised. */
export function identifiersOf(k: string, person: Person, scenario: Scenario): readonly SpeltIdentifier[] {
  if (scenario.policy.kind === "event") return [{ kind: "key", value: k, version: 1, raw: k }];
  const ids: SpeltIdentifier[] = [];
  if (person.email !== null) {
    ids.push({ kind: "email", value: person.email.toLowerCase(), version: 1, raw: person.email });
  }
  if (person.phone !== null && scenario.policy.kind === "membership") {
    ids.push({ kind: "phone", value: person.phone.replaceAll(" ", ""), version: 1, raw: person.phone });
  }
  return ids;
}

/** What is wanted of one person, given the identifiers that denial leaves. */
export function wantedOf(person: Person, ids: readonly SentIdentifier[]): Wanted {
  const h = `${person.content}:${ids.map((id) => id.value).join(" ")}`;
  return { h, hFast: `fast:${h}`, m: 1, ids };
}

/** The content a fingerprint speaks of. */
export function contentOf(h: string): string {
  return h.slice(0, h.indexOf(":"));
}
