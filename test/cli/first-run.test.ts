/** The first minute of a new user, with the real engine: init, plan, sync, and what a second day brings. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { planSchema } from "../../src/cli/schemas/plan.ts";
import { runSchema } from "../../src/cli/schemas/run.ts";
import { emptyFolder, millrace } from "./millrace.ts";

const cwd = await emptyFolder();
afterAll(() => rm(cwd, { recursive: true, force: true }));

test("init && plan && sync works offline; what was sent is not sent again; a guard stops a wrong turn", async () => {
  await millrace(["init"], { cwd });
  const first = planSchema.parse(JSON.parse((await millrace(["plan", "--json"], { cwd })).stdout));
  expect(first.syncs.map(({ sync, status, planned }) => [sync, status, planned.update, planned.remove])).toEqual([
    ["lapsed_buyers_to_files", "changes", 0, 0],
    ["newsletter_readers_to_files", "changes", 0, 0],
  ]);

  const sent = await millrace(["sync"], { cwd });
  expect(sent.exit).toBe(0);
  expect(sent.stdout).toContain("✔ 2 of 2 syncs done");
  const folder = path.join(cwd, "outbox/crm/lapsed_buyers_to_files");
  const [run] = await readdir(folder);
  const adds = (await readdir(path.join(folder, run!))).find((file) => file.startsWith("adds"))!;
  const lines = (await readFile(path.join(folder, run!, adds), "utf8")).trim().split("\n");
  expect(lines).toHaveLength(first.syncs[0]!.planned.add);

  expect(await millrace(["plan", "--detailed-exitcode"], { cwd })).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining("Plan: nothing to send."),
  });

  const audience = path.join(cwd, "models/audiences/lapsed_buyers.yml");
  await writeFile(audience, (await readFile(audience, "utf8")).replace("180d", "18000d").replace("min: 1", "min: 0"));
  const edited = planSchema.parse(JSON.parse((await millrace(["plan", "--json"], { cwd })).stdout));
  const before = first.audiences[0]!.enter;
  expect(
    edited.audiences.map(({ name, leave, enter_by_edit, leave_by_edit }) => [
      name,
      leave,
      enter_by_edit,
      leave_by_edit,
    ]),
  ).toEqual([
    ["lapsed_buyers", before, 0, before],
    ["newsletter_readers", 0, undefined, undefined],
  ]);

  const stopped = await millrace(["sync", "--json"], { cwd });
  const document = runSchema.parse(JSON.parse(stopped.stdout));
  expect([stopped.exit, document.syncs.map(({ sync, status }) => [sync, status])]).toEqual([
    3,
    [
      ["lapsed_buyers_to_files", "stopped"],
      ["newsletter_readers_to_files", "unchanged"],
    ],
  ]);
}, 120_000);
