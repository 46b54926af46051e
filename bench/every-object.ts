/** Rows for every record and membership object of every built-in destination, made from what the object declares. */
import { encodeFields, encodeValue } from "../src/destination/encode.ts";
import type { Field, Identifier, Json, ObjectSpec } from "../src/destination/index.ts";
import { builtInTypes, loadBuiltIn } from "../src/project/destinations.ts";

type Maker = (index: number) => Json;

/** Of people and companies no two have the same. */
const identities: readonly Maker[] = [
  (index) => ` Person.${index}@Example.com`,
  (index) => `+33 6 ${10_000_000 + index}`,
  (index) => `https://www.shop${index}.example/`,
  (index) => `F81D4FAE-7DEC-11D0-A765-${String(index).padStart(12, "0")}`,
  (index) => `id-${index}`,
];

/** Names, cities and numbers come again: a thousand of each. */
const values: readonly Maker[] = [
  (index) => `Word ${index % 1000}`,
  (index) => index % 1000,
  (index) => `+33 6 39 98 ${10 + (index % 90)} ${10 + (index % 90)}`,
  (index) => `person.${index % 1000}@example.com`,
  (index) => new Date(Date.UTC(1950, 0, 1 + (index % 1000))).toISOString(),
  (index) => ["FR", "US", "DE", "BR"][index % 4]!,
  (index) => ["f", "m"][index % 2]!,
  (index) => String(1 + (index % 12)),
  (index) => index % 2 === 0,
];

/** Fields that no object declares, where it takes any. */
const open = 5;

/** Rows that every maker is tried on. */
const tried = [0, 1, 2, 3, 11, 31, 99, 999];

const fits = (field: Field) => (make: Maker) =>
  tried.every((index) => {
    const encoded = field.encode(make(index));
    return "value" in encoded && encoded.value !== null;
  });

const takes = (identifier: Identifier) => (make: Maker) =>
  tried.every((index) => encodeValue(identifier, make(index)) !== null);

/** Fields with a fixed set of words of the platform's own stay out, unless the object needs one. */
function fieldMakers(name: string, { fields, openFields }: ObjectSpec): readonly (readonly [string, Maker])[] {
  const declared = Object.entries(fields).flatMap(([field, spec]) => {
    const make = values.find(fits(spec));
    if (make === undefined && spec.required === true) throw new Error(`no value for ${name}: ${field}`);
    return make === undefined ? [] : [[field, make] as const];
  });
  const further = Array.from({ length: openFields === undefined ? 0 : open }, (_, index) => {
    return [`property_${index}`, values[index % 2]!] as const;
  });
  return [...declared, ...further];
}

export interface ObjectRows {
  /** `meta audience`. */
  readonly name: string;
  /** Encodes all rows as their request would hold them; how many of them travel. */
  encode(): number;
}

function rowsOf(name: string, object: ObjectSpec, count: number): ObjectRows {
  const makers = fieldMakers(name, object);
  const kinds = Object.values(object.identifiers).flatMap((identifier) => {
    const make = identities.find(takes(identifier));
    return make === undefined ? [] : [[identifier, make] as const];
  });
  const rows = Array.from({ length: count }, (_, index) => ({
    identities: kinds.map(([identifier, make]) => [identifier, make(index)] as const),
    fields: Object.fromEntries(makers.map(([field, make]) => [field, make(index)])),
  }));
  return {
    name,
    encode() {
      let sent = 0;
      for (const row of rows) {
        const encoded = encodeFields(object, row.fields);
        if ("reject" in encoded) continue;
        const sends = row.identities.map(([identifier, raw]) => encodeValue(identifier, raw));
        sent += JSON.stringify({ identifiers: sends, fields: encoded.fields }).length > 0 ? 1 : 0;
      }
      return sent;
    },
  };
}

export async function everyObject(count: number): Promise<readonly ObjectRows[]> {
  const found: ObjectRows[] = [];
  for (const type of builtInTypes()) {
    const { objects } = await loadBuiltIn(type);
    for (const [name, object] of Object.entries(objects))
      if (object.kind !== "event") found.push(rowsOf(`${type} ${name}`, object, count));
  }
  return found;
}
