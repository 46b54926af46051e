#!/usr/bin/env node
/**
 * A stand-in for SNOWFLAKE_SAMPLE_DATA.TPCDS_SF10TCL.CUSTOMER as CSV below seeds/: `node make-seeds.mjs [--seed 1] [--customers 1500]
 * [--as-of 2003-01-15] [--out seeds]`. The columns are theirs, the people are invented, and the same seed always gives the same rows.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

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
  "Karim",
  "Mei",
];
const lastNames = [
  "Alder",
  "Birch",
  "Cedar",
  "Elm",
  "Fir",
  "Hazel",
  "Juniper",
  "Larch",
  "Maple",
  "Oak",
  "Pine",
  "Rowan",
];
const countries = ["CHILE", "FRANCE", "GREECE", "JAPAN", "CÔTE D'IVOIRE", "SURINAME", "TOGO"];

/** Dice that fall the same way for one seed (mulberry32). */
function dice(seed) {
  let state = seed >>> 0;
  const roll = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n) => Math.floor(roll() * n);
  // One value in thirty is NULL there.
  const maybe = (value) => (below(30) === 0 ? null : value);
  return { below, one: (list) => list[below(list.length)], maybe };
}

/** Sixteen letters, as keys of TPC-DS are: AAAAAAAABAAAAAAA is 1. */
const businessKey = (sk) =>
  Array.from({ length: 16 }, (_, place) =>
    String.fromCharCode(65 + (Number(BigInt(sk) >> BigInt(Math.max(0, place - 8) * 4)) & (place < 8 ? 0 : 15))),
  ).join("");

export function customers({ seed, count, today }) {
  const { below, one, maybe } = dice(seed);
  return Array.from({ length: count }, (_, index) => {
    const sk = index + 1;
    const [first, last] = [one(firstNames), one(lastNames)];
    // One in fifty shares the e-mail of somebody before.
    const mailbox = sk > 50 && below(50) === 0 ? `shared.${below(20)}` : `${first}.${last}.${sk}`;
    const sold = today - 5 - below(1700);
    return {
      c_customer_sk: sk,
      c_customer_id: businessKey(sk),
      c_current_cdemo_sk: maybe(1 + below(1_920_800)),
      c_current_hdemo_sk: maybe(1 + below(7200)),
      c_current_addr_sk: maybe(1 + below(Math.ceil(count / 3))),
      c_first_shipto_date_sk: maybe(sold + 30),
      c_first_sales_date_sk: maybe(sold),
      c_salutation: maybe(one(["Mr.", "Ms.", "Mrs.", "Dr.", "Sir", "Miss"])),
      c_first_name: maybe(first.padEnd(20)),
      c_last_name: maybe(last.padEnd(30)),
      c_preferred_cust_flag: maybe(one(["Y", "N"])),
      c_birth_day: maybe(1 + below(28)),
      c_birth_month: maybe(1 + below(12)),
      c_birth_year: maybe(1924 + below(69)),
      c_birth_country: maybe(one(countries)),
      c_login: null,
      c_email_address: maybe(`${mailbox}@example.${one(["com", "org", "net"])}`),
      c_last_review_date: maybe(String(today - below(365))),
    };
  });
}

function csv(rows) {
  const cell = (value) =>
    value === null ? "" : /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  const names = Object.keys(rows[0]);
  return `${[names.join(","), ...rows.map((row) => names.map((name) => cell(row[name])).join(","))].join("\n")}\n`;
}

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    customers: { type: "string", default: "1500" },
    "as-of": { type: "string", default: "2003-01-15" },
    out: { type: "string", default: join(fileURLToPath(new URL(".", import.meta.url)), "seeds") },
  },
});
const today = Date.parse(`${values["as-of"]}T00:00:00Z`) / 86_400_000 + 2_440_588;
const [seed, count] = [Number(values.seed), Number(values.customers)];
if (!Number.isInteger(seed) || !Number.isInteger(count) || count < 60 || Number.isNaN(today)) {
  console.error("--seed takes a whole number, --customers one from 60, --as-of a day like 2003-01-15");
  process.exitCode = 64;
} else {
  const folder = join(values.out, "tpcds_sf10tcl");
  await mkdir(folder, { recursive: true });
  const rows = customers({ seed, count, today });
  await writeFile(join(folder, "customer.csv"), csv(rows));
  console.error(`customer: ${rows.length} rows`);
}
