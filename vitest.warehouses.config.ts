import { defineConfig } from "vitest/config";

/** Warehouses on emulators, which scripts/install-emulators.sh brings: `npm run test:warehouses`. A matrix of the contract closes the run. */
export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    include: ["test/warehouses/**/*.test.ts", "test/warehouse/contract.test.ts"],
    globalSetup: ["test/warehouses/matrix.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: "forks",
    // Each file starts emulators of its own. They and the client take turns, so that two files fill two cores.
    maxWorkers: 2,
    // A shared machine may stand still for seconds: in CI what speaks to processes gets a second try, and vitest says that it did.
    retry: process.env["CI"] === undefined ? 0 : 1,
  },
});
