import { contract } from "../contract/warehouses/contract.ts";
import { exceptions } from "./bigquery-exceptions.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { where } from "./emulators/process.ts";

for (const emulator of ["bqemulator", "bigquery-emulator"] as const) {
  const tests = (): void => {
    const start = async (): ReturnType<Parameters<typeof contract>[2]> => {
      const { open, table, stop } = await startBigQuery(emulator);
      return { subject: { warehouse: await open(), table }, stop };
    };
    contract("bigquery", emulator, start, exceptions);
  };
  where(emulator, [clients, programs[emulator]], tests, { secondOpinion: emulator === "bigquery-emulator" });
}
