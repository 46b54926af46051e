/** The stories of whole syncs in BigQuery and Snowflake, on emulators: each ends there as it ends in DuckDB. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { stories, type Story } from "../contract/warehouses/whole-syncs.ts";
import { tell, type Told } from "../contract/warehouses/tell-story.ts";
import { where } from "./emulators/process.ts";
import { bqemulator, duckdb, fakesnow, type Place, type Started } from "./places.ts";

vi.mock("../../src/models/session.ts", async (original) =>
  (await import("../contract/warehouses/crash.ts")).mortal(await original()),
);

/** What a story comes to in DuckDB, told once for both. */
const inDuckDB = new Map<string, Promise<Told>>();
async function toldInDuckDB(story: Story): Promise<Told> {
  const known = inDuckDB.get(story.name) ?? duckdb.start().then((started) => tell(story, started, "story"));
  inDuckDB.set(story.name, known);
  return known;
}

function wholeSyncs(place: Place): void {
  let started: Started;
  beforeAll(async () => {
    started = await place.start();
  });
  afterAll(() => started?.stop());

  test.for(stories.map((story, at) => ({ ...story, at })))(`${place.name}: $name`, async ({ at, ...story }) => {
    const told = await tell(story, started, `story_${at}`);
    if (story.not?.on !== "DuckDB") expect(told).toEqual(await toldInDuckDB(story));
  });
}

where("bqemulator", bqemulator.needs, () => wholeSyncs(bqemulator));
where("fakesnow", fakesnow.needs, () => wholeSyncs(fakesnow));
