import { defineConfig } from "vitest/config";

/** `npm test`: everything that needs no second process to be true. Whole commands and kills: vitest.e2e.config.ts. */
export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**", "test/real/**", "test/warehouses/**"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
  },
});
