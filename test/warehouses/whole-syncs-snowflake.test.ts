/** The stories of whole syncs in Snowflake, on an emulator. */
import { vi } from "vitest";
import { fakesnow } from "./places.ts";
import { tellStories } from "./tell-stories.ts";

vi.mock("../../src/models/session.ts", async (original) =>
  (await import("../contract/warehouses/crash.ts")).mortal(await original()),
);

tellStories(fakesnow);
