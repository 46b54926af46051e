/** Tells the stories of whole syncs in a warehouse of ./places.ts: each ends there as it ends in DuckDB. Test files let runs die by `vi.mock`. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { tell } from "../contract/warehouses/tell-story.ts";
import { stories } from "../contract/warehouses/whole-syncs.ts";
import { where } from "./emulators/process.ts";
import { duckdb, type Place, type Started } from "./places.ts";

export function tellStories(place: Place): void {
  where(place.name, place.needs, () => {
    let started: Started;
    /** Each telling has schemas of its own: also where a story is told again. */
    let tellings = 0;
    beforeAll(async () => {
      started = await place.start();
    });
    afterAll(() => started?.stop());

    test.for(stories)(`${place.name}: $name`, async (story) => {
      const told = await tell(story, started, `story_${(tellings += 1)}`);
      if (story.not?.on !== "DuckDB") expect(told).toEqual(await tell(story, await duckdb.start(), "story"));
    });
  });
}
