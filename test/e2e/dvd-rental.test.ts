import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readShop, wantedAt } from "./dvd-rental/oracle.ts";
import { root, succeed } from "./support/cli.ts";
import { copyProject } from "./support/project-copy.ts";
import { sharedData } from "./support/shared-data.ts";
import { startReceiver, type WebhookReceiver } from "./support/webhook-receiver.ts";

const shared = sharedData("dvd_rental");
const required = (process.env["CI"] ?? "") !== "";
const firstWeek = Date.parse("2005-05-31T00:00:00Z");
/** Tuesdays from 31 May to 30 August 2005. */
const weeks = Array.from({ length: 14 }, (_, week) => firstWeek + week * 7 * 86_400_000);

if (!shared.present)
  console.warn("dvd_rental: skipped, the shared data sets are not beside the repository (set MILLRACE_SHARED)");

describe.skipIf(!shared.present && !required)("a DVD shop, week by week through the summer of 2005", () => {
  let receiver: WebhookReceiver;
  let project: Awaited<ReturnType<typeof copyProject>>;

  beforeAll(async () => {
    expect(shared.present, `the data set is required in CI: ${shared.path}`).toBe(true);
    receiver = await startReceiver();
    project = await copyProject(join(root, "test/e2e/dvd-rental/project"), receiver.port);
    const tables = (await readdir(shared.path)).filter((file) => file.endsWith(".csv"));
    for (const table of tables) await cp(join(shared.path, table), join(project.root, "seeds/dvd", table));
  });

  afterAll(async () => {
    await receiver?.close();
    await project?.remove();
  });

  it("keeps two platforms at exactly the people that the CSV files say", { timeout: 180_000 }, async () => {
    const shop = readShop(shared.path);
    const sizes: number[][] = [];
    for (const week of weeks) {
      const asOf = new Date(week).toISOString();
      await succeed(project.root, ["sync", "--vars", `as_of=${asOf}`]);
      const wanted = wantedAt(shop, week);
      const held = Object.fromEntries(Object.keys(wanted).map((sync) => [sync, receiver.members(sync)]));
      expect({ asOf, ...held }).toEqual({ asOf, ...wanted });
      sizes.push(Object.values(wanted).map((members) => members.length));
    }
    expect(receiver.complaints).toEqual([]);
    // The weeks are worth looking at only if every audience was empty-handed at some time and busy at another.
    for (const audience of [0, 1, 2, 3, 4]) {
      const column = sizes.map((week) => week[audience] ?? 0);
      expect(Math.max(...column)).toBeGreaterThan(20);
      expect(new Set(column).size).toBeGreaterThan(5);
    }
  });

  it("has nothing left to send at the end", async () => {
    receiver.takeRequests();
    const asOf = new Date(weeks.at(-1) ?? firstWeek).toISOString();
    await succeed(project.root, ["sync", "--vars", `as_of=${asOf}`]);
    expect(receiver.takeRequests()).toEqual({});
  });
});
