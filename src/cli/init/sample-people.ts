/** Invented customers and orders of a small shop, with the usual dirt, as CSV; the same day gives the same rows. */
import { sequence } from "./sequence.ts";

const firstNames = [
  "Ada",
  "Bruno",
  "Chloe",
  "Dario",
  "Elif",
  "Femke",
  "Goran",
  "Hanna",
  "Ines",
  "Jonas",
  "Karin",
  "Leo",
  "Mara",
  "Nils",
  "Olga",
  "Pavel",
  "Quirin",
  "Rosa",
  "Samir",
  "Tilda",
];
const lastNames = [
  "Abelard",
  "Brandt",
  "Castel",
  "Dubois",
  "Eriksen",
  "Fontaine",
  "Garnier",
  "Hofer",
  "Ivarsson",
  "Janssen",
  "Keller",
  "Lambert",
  "Moreau",
  "Nowak",
  "Oliveira",
];
const countries = ["FR", "FR", "FR", "BE", "DE"];
const dayMs = 86_400_000;

export interface SampleTables {
  readonly customers: string;
  readonly orders: string;
}

/** CSV texts of 200 customers and their orders of the two years before `today` (milliseconds since the epoch). */
export function sampleTables(today: number): SampleTables {
  const random = sequence(20_261_122);
  const day = (ago: number): string => new Date(today - ago * dayMs).toISOString().slice(0, 10);
  const customers = ["customer_id,first_name,last_name,email,phone,country,newsletter,created_at"];
  const orders = ["order_id,customer_id,amount,refunded,ordered_at"];
  for (let id = 1; id <= 200; id++) {
    const first = firstNames[random(firstNames.length)]!;
    const last = lastNames[random(lastNames.length)]!;
    const joined = 30 + random(700);
    const country = countries[random(countries.length)]!;
    customers.push(
      [id, first, last, email(first, last, id), phone(country, id, random), country, random(3) === 0, day(joined)].join(
        ",",
      ),
    );
    // A third of the shop has not bought for half a year; those are the lapsed ones.
    const quiet = random(3) === 0 ? 190 : 0;
    for (let order = 0; order < random(6); order++) {
      const ago = quiet + random(Math.max(1, joined - quiet));
      const amount = 20 + random(400);
      orders.push([orders.length, id, `${amount}.00`, random(10) === 0 ? `${amount}.00` : "0.00", day(ago)].join(","));
    }
  }
  return { customers: `${customers.join("\n")}\n`, orders: `${orders.join("\n")}\n` };
}

/** Every ninth address has capitals, every eleventh is missing. */
function email(first: string, last: string, id: number): string {
  if (id % 11 === 0) return "";
  const address = `${first}.${last}.${id}@example.com`;
  return id % 9 === 0 ? address : address.toLowerCase();
}

/** Numbers of ranges kept free for fiction (France 01 99 00), in three spellings; some are missing. */
function phone(country: string, id: number, random: (below: number) => number): string {
  const last = String(id).padStart(4, "0");
  if (country !== "FR" || random(4) === 0) return "";
  return [
    `+33 1 99 00 ${last.slice(0, 2)} ${last.slice(2)}`,
    `01.99.00.${last.slice(0, 2)}.${last.slice(2)}`,
    `019900${last}`,
  ][id % 3]!;
}
