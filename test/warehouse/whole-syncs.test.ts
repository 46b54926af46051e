/** The stories of whole syncs in DuckDB; test/warehouses/tell-stories.ts tells the same in BigQuery and Snowflake. */
import { test, vi } from "vitest";
import { stories } from "../contract/warehouses/whole-syncs.ts";
import { tell } from "../contract/warehouses/tell-story.ts";
import { duckdb } from "../warehouses/places.ts";

vi.mock("../../src/models/session.ts", async (original) =>
  (await import("../contract/warehouses/crash.ts")).mortal(await original()),
);

test.for(stories.filter(({ not }) => not?.on !== "DuckDB"))("$name", async (story) => {
  await tell(story, await duckdb.start(), "story");
});
