/** Members of audiences on emulators; what one of them does otherwise than its warehouse is listed. */
import { audiences } from "../contract/warehouses/audiences.ts";
import { contract, type Exception } from "../contract/warehouses/contract.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";

const goccy = "bigquery-emulator";
const noNan = "bigquery-emulator reads no NaN out of a text";

const exceptions: readonly Exception[] = [
  {
    emulator: "fakesnow",
    operation: "rules: lists",
    reason: "fakesnow keeps ARRAY as JSON, and has no ARRAY_CONTAINS of that",
  },
  { emulator: goccy, operation: "rules: floats that are no numbers", reason: noNan },
  { emulator: goccy, operation: "audiences: NaN is above all numbers in an order", reason: noNan },
  {
    emulator: goccy,
    operation: "explain: a query step by step, where the warehouse takes one apart",
    reason: "bigquery-emulator describes no query",
  },
  {
    emulator: goccy,
    operation: "members: a history that is there is left as it is",
    reason: "bigquery-emulator takes IF NOT EXISTS for nothing",
  },
  {
    emulator: goccy,
    operation: "because: what those who leave fail, and those who enter fulfil",
    reason: "the parser of SQLite, which bigquery-emulator runs on, overflows",
  },
];

for (const emulator of ["bqemulator", "bigquery-emulator"] as const) {
  where(emulator, [clients, programs[emulator]], () => {
    const start = async (): ReturnType<Parameters<typeof contract>[2]> => {
      const { open: opened, table, stop } = await startBigQuery(emulator);
      return { subject: { warehouse: await opened(), table }, stop };
    };
    contract("bigquery", emulator, start, exceptions, audiences);
  });
}

where("fakesnow", [driver, python], () => {
  const start = async (): ReturnType<Parameters<typeof contract>[2]> => {
    const { endpoint, stop } = await startFakesnow();
    const warehouse = await open(endpoint);
    return {
      subject: { warehouse, table: (name) => warehouse.dialect.relation("ANALYTICS", "LEDGER", name) },
      async stop() {
        await warehouse.close();
        await stop();
      },
    };
  };
  contract("snowflake", "fakesnow", start, exceptions, audiences);
});
