import { defineConfig } from "vitest/config";

/** Destinations against real servers and programs, and a project that dbt builds; scripts/install-real.sh brings them: `npm run test:real`. */
export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    include: ["test/real/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    fileParallelism: false,
    // A shared machine may stand still for seconds: in CI what speaks to processes gets a second try, and vitest says that it did.
    retry: process.env["CI"] === undefined ? 0 : 1,
  },
});
