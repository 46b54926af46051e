import { expect, it } from "vitest";
import { warehouseError } from "../../src/warehouse/duckdb-error.ts";

it.each([
  [
    'TransactionContext Error: Failed to commit: Could not write file "dev.duckdb.wal": No space left on device',
    /^free space/,
  ],
  ["Out of Memory Error: failed to allocate data of size 16.0 MiB (1.8 GiB/1.8 GiB used)", /^raise memory_limit/],
])("says what to do about %s", (text, hint) => {
  const [diagnostic] = warehouseError(new Error(text)).diagnostics;
  expect(diagnostic).toMatchObject({ code: "E708", hint: expect.stringMatching(hint) as string });
});
