import { defineConfig } from "vitest/config";

/** Whole commands as their users run them: processes, files, sockets, real input. */
export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    include: ["test/e2e/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    pool: "forks",
    fileParallelism: false,
    // A shared machine may stand still for seconds: in CI what speaks to processes gets a second try, and vitest says that it did.
    retry: process.env["CI"] === undefined ? 0 : 1,
  },
});
