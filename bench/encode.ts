/**
 * Encoding rows for destinations, one process: validate and normalise, hash, build the requests as JSON, read the answers
 * into an outcome a row. Of all other objects: what their rows cost until they are JSON.
 * Peers' figures on the same kind of rows (Meta): Segment action-destinations 24-36 k/s, rudder-transformer 14-20 k/s.
 */
import hubspot from "../destinations/hubspot.ts";
import meta from "../destinations/meta.ts";
import { encodeValue } from "../src/destination/encode.ts";
import { digest, email, type Json } from "../src/destination/index.ts";
import { converse, type Raw } from "./converse.ts";
import { everyObject } from "./every-object.ts";
import { amount, atLeast, bench, median, timed, type Figure } from "./figure.ts";

const quick = process.argv.includes("--quick");
const rows = quick ? 5_000 : 100_000;
const count = quick ? 2 : 5;
/** Rows of each object of each destination. */
const rowsOfEach = quick ? 500 : 10_000;

const first = ["Anna", "Bob", "Chloé", "Dmitri", "Eve", "José", "Li", "Marie-Claire"];
const cities = ["Paris", "São Paulo", "New York", "Berlin", "St. Louis", "Lyon"];
const countries = ["FR", "us", "Germany", "br"];
const pick = <T>(from: readonly T[], index: number): T => from[(index * 7919) % from.length]!;

const people = Array.from({ length: rows }, (_, index) => ({
  identifiers: {
    email: ` Person.${index}@Example.com`,
    phone: index % 2 === 0 ? `+33 6 ${10_000_000 + index}` : `06${10_000_000 + index}`,
  },
  fields: {
    fn: `${pick(first, index)}`,
    ln: `Lastname${index % 20_000}`,
    ct: pick(cities, index),
    st: pick(["California", "TX", "Bretagne"], index),
    zip: String(10_000 + (index % 90_000)),
    country: pick(countries, index),
  } satisfies Record<string, Json>,
}));
const crm = Array.from({ length: rows }, (_, index) => ({
  identifiers: { email: `person.${index}@example.com` },
  fields: Object.fromEntries(
    Array.from({ length: 20 }, (_none, column) => [
      `property_${column}`,
      [`text ${index}`, index, index % 2 === 0, null][column % 4] as Json,
    ]),
  ),
})) satisfies readonly Raw[];

const plainEmail = email({ hash: "sha256" });

const encodeMeta = (): number =>
  converse(
    {
      destination: meta,
      object: "audience",
      config: { ad_account: "act_1" },
      answer: (_, body) => (body === "" ? "{}" : '{"num_received":10000,"num_invalid_entries":0}'),
    },
    people,
  );

/** HubSpot answers with every property of every record. */
const results = JSON.stringify({
  status: "COMPLETE",
  results: Array.from({ length: 100 }, (_, index) => ({
    id: String(1000 + index),
    properties: crm[0]!.fields,
    objectWriteTraceId: String(index),
  })),
});
const encodeCrm = (): number =>
  converse({ destination: hubspot, object: "contact", config: {}, answer: () => results }, crm);

function encodeEmails(): number {
  let sent = 0;
  for (const person of people) sent += encodeValue(plainEmail, person.identifiers.email) === null ? 0 : 1;
  return sent;
}

/** What the machine's crypto.hash does with the same texts and nothing else: the ceiling of the line above it. */
function hashOnly(): number {
  let sent = 0;
  for (const person of people) sent += digest("sha256", person.identifiers.email) === "" ? 0 : 1;
  return sent;
}

interface Rate {
  readonly cpu: number;
  readonly wall: number;
}

/** Median rate of some rounds after a warm-up, per second of CPU and of the wall. */
async function rate(work: () => number, all: number): Promise<Rate> {
  if (work() !== all) throw new Error("not every row was encoded");
  const cpu: number[] = [];
  const wall: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const took = await timed(work);
    cpu.push(all / took.cpu);
    wall.push(all / took.wall);
  }
  return { cpu: median(cpu), wall: median(wall) };
}

const works = [
  {
    name: "Meta rows, 8 fields normalised and hashed, to requests and outcomes",
    unit: "rows",
    floors: [atLeast(120_000)],
    work: encodeMeta,
    note: "Segment action-destinations 24–36 k, rudder-transformer 14–20 k rows/s (sync-engine.md)",
  },
  { name: "CRM rows, 20 fields, to requests and outcomes", unit: "rows", floors: [atLeast(150_000)], work: encodeCrm },
  { name: "normalise + SHA-256", unit: "values", floors: [atLeast(1_500_000)], work: encodeEmails },
  {
    name: "  bare crypto.hash of the same values",
    unit: "values",
    floors: [],
    work: hashOnly,
    note: "what this machine can do at most",
  },
];

const rateText = ({ cpu, wall }: Rate, unit: string): string =>
  `${amount(wall)} ${unit}/s (${amount(cpu)} per CPU second)`;

/** The slowest of all objects that are no events, and the two after it. */
async function slowest(): Promise<Figure> {
  const rates: { readonly name: string; readonly reached: Rate }[] = [];
  for (const { name, encode } of await everyObject(rowsOfEach))
    rates.push({ name, reached: await rate(encode, rowsOfEach) });
  const [last, ...others] = rates.toSorted((a, b) => a.reached.wall - b.reached.wall);
  if (last === undefined) throw new Error("there are no destinations");
  const next = others.slice(0, 2).map(({ name, reached }) => `${name} ${amount(reached.wall)}`);
  return {
    name: `encode rows of ${rates.length} objects, the slowest: ${last.name}`,
    measured: rateText(last.reached, "rows"),
    against: "",
    ratio: last.reached.wall,
    floors: [atLeast(50_000)],
    note: `rows made from what each object declares; then ${next.join(", ")}`,
  };
}

await bench(async () => {
  const figures: Figure[] = [];
  for (const { name, unit, floors, work, note } of works) {
    const reached = await rate(work, rows);
    const measured = rateText(reached, unit);
    figures.push({ name, measured, against: "", ratio: reached.wall, floors, ...(note === undefined ? {} : { note }) });
  }
  return [...figures, await slowest()];
});
