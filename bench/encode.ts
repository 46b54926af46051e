/**
 * Encoding rows for destinations, one process: normalise, hash, validate fields, build the rows of a request.
 * Run with `npx tsx --conditions=source bench/encode.ts [--quick]`; prints rows or values per second, the floor, and their ratio.
 * Peers' figures on the same kind of rows (Meta): Segment action-destinations 24-36 k/s, rudder-transformer 14-20 k/s.
 */
import hubspot from "../destinations/hubspot.ts";
import meta from "../destinations/meta.ts";
import { encodeFields, encodeValue } from "../src/destination/encode.ts";
import { digest, email, type Json } from "../src/destination/index.ts";

const quick = process.argv.includes("--quick");
const rows = quick ? 5_000 : 100_000;
const rounds = quick ? 2 : 5;

const first = ["Anna", "Bob", "Chloé", "Dmitri", "Eve", "José", "Li", "Marie-Claire"];
const cities = ["Paris", "São Paulo", "New York", "Berlin", "St. Louis", "Lyon"];
const countries = ["FR", "us", "Germany", "br"];
const pick = <T>(from: readonly T[], index: number): T => from[(index * 7919) % from.length]!;

const people = Array.from({ length: rows }, (_, index) => ({
  email: ` Person.${index}@Example.com`,
  phone: index % 2 === 0 ? `+33 6 ${10_000_000 + index}` : `06${10_000_000 + index}`,
  fields: {
    fn: `${pick(first, index)}`,
    ln: `Lastname${index % 20_000}`,
    ct: pick(cities, index),
    st: pick(["California", "TX", "Bretagne"], index),
    zip: String(10_000 + (index % 90_000)),
    country: pick(countries, index),
  } satisfies Record<string, Json>,
}));
const crm = Array.from({ length: rows }, (_, index) =>
  Object.fromEntries(
    Array.from({ length: 20 }, (_none, column) => [
      `property_${column}`,
      [`text ${index}`, index, index % 2 === 0, null][column % 4] as Json,
    ]),
  ),
);

const { audience } = meta.objects;
const { contact } = hubspot.objects;
const plainEmail = email({ hash: "sha256" });

function encodeMeta(): number {
  const { email: mail, phone } = audience!.identifiers;
  let sent = 0;
  for (const person of people) {
    const encoded = encodeFields(audience!, person.fields);
    if ("reject" in encoded) continue;
    const row = [encodeValue(mail!, person.email), encodeValue(phone!, person.phone, { defaultCountry: "FR" })];
    sent += row.length + Object.keys(encoded.fields).length === 8 ? 1 : 0;
  }
  return sent;
}

function encodeCrm(): number {
  let sent = 0;
  for (const row of crm) sent += "fields" in encodeFields(contact!, row) ? 1 : 0;
  return sent;
}

function encodeEmails(): number {
  let sent = 0;
  for (const person of people) sent += encodeValue(plainEmail, person.email) === null ? 0 : 1;
  return sent;
}

/** What the machine's crypto.hash does with the same texts and nothing else: the ceiling of the line above it. */
function hashOnly(): number {
  let sent = 0;
  for (const person of people) sent += digest("sha256", person.email) === "" ? 0 : 1;
  return sent;
}

/** Median rate of some rounds after a warm-up, per second. */
function rate(work: () => number): number {
  if (work() !== rows) throw new Error("not every row was encoded");
  const rates = Array.from({ length: rounds }, () => {
    const start = process.hrtime.bigint();
    const done = work();
    return (done * 1e9) / Number(process.hrtime.bigint() - start);
  });
  return rates.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!;
}

const figures = [
  { figure: "Meta rows, 8 fields normalised and hashed", unit: "rows/s", floor: 120_000, work: encodeMeta },
  { figure: "CRM rows, 20 fields", unit: "rows/s", floor: 150_000, work: encodeCrm },
  { figure: "normalise + SHA-256", unit: "values/s", floor: 1_500_000, work: encodeEmails },
  { figure: "  of which bare crypto.hash", unit: "values/s", floor: 1_500_000, work: hashOnly },
];
const lines = figures.map(({ figure, unit, floor, work }) => {
  const reached = rate(work);
  return `${figure.padEnd(44)}${Math.round(reached).toLocaleString("en").padStart(12)} ${unit.padEnd(9)} floor ${floor.toLocaleString("en").padStart(9)}  ratio ${(reached / floor).toFixed(2)}`;
});
process.stdout.write(`${lines.join("\n")}\n`);
