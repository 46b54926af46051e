import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlanDocument, RunDocument } from "../../src/core.ts";
import { root, run, succeed } from "./support/cli.ts";
import { copyProject } from "./support/project-copy.ts";
import { foldRuns } from "./support/file-runs.ts";
import { type Held, startReceiver, type WebhookReceiver } from "./support/webhook-receiver.ts";

const example = join(root, "examples/electronics-shop");
const expected = join(example, "expected");
const days = [
  { day: 1, asOf: "2026-03-02T06:00:00.000Z" },
  { day: 2, asOf: "2026-03-03T06:00:00.000Z" },
] as const;

describe("examples/electronics-shop", () => {
  let receiver: WebhookReceiver;
  let project: Awaited<ReturnType<typeof copyProject>>;

  beforeAll(async () => {
    receiver = await startReceiver();
    project = await copyProject(example, receiver.port);
  });

  afterAll(async () => {
    await receiver?.close();
    await project?.remove();
  });

  const makeData = async (day: number) =>
    expect(
      await run(root, process.execPath, [
        join(example, "make-data.mjs"),
        "--day",
        String(day),
        "--out",
        join(project.root, "data/electronics.duckdb"),
      ]),
    ).toMatchObject({ exit: 0 });

  it("has an expected/ that is what its oracle computes", async () => {
    const out = await mkdtemp(join(tmpdir(), "millrace-oracle-"));
    await run(root, process.execPath, [join(expected, "make-expected.mjs"), "--out", out]);
    for (const { day } of days) {
      const folder = `day-${day}`;
      const files = await readdir(join(out, folder));
      expect(await readdir(join(expected, folder))).toEqual(files);
      for (const file of files) {
        expect(await readFile(join(expected, folder, file), "utf8")).toEqual(
          await readFile(join(out, folder, file), "utf8"),
        );
      }
    }
    await rm(out, { recursive: true });
  });

  it("is valid and passes its own tests", async () => {
    await makeData(1);
    await succeed(project.root, ["validate"]);
    await succeed(project.root, ["test", "--vars", `as_of=${days[0].asOf}`]);
  });

  it.each(days)("plans and reaches on day $day exactly whom plain SQL says", async ({ day, asOf }) => {
    await makeData(day);
    const plan = await planned(asOf);
    expect(comparable(plan)).toEqual(JSON.parse(await readFile(join(expected, `day-${day}/plan.json`), "utf8")));
    expect(timeless(await planned(asOf))).toEqual(timeless(plan));

    const { stdout } = await succeed(project.root, ["sync", "--json", "--vars", `as_of=${asOf}`]);
    const report = JSON.parse(stdout) as RunDocument;
    expect(report.syncs.map(({ sync, accepted }) => [sync, accepted])).toEqual(
      plan.syncs.map((sync) => [sync.sync, sync.planned]),
    );
    for (const sync of plan.syncs)
      expect({ [sync.sync]: await held(sync.destination, sync.sync) }).toEqual({
        [sync.sync]: await wanted(day, sync.sync),
      });
    expect(receiver.complaints).toEqual([]);
  });

  it("is quiet afterwards", async () => {
    receiver.takeRequests();
    const { stdout } = await succeed(project.root, ["sync", "--json", "--vars", `as_of=${days[1].asOf}`]);
    const { status, syncs } = JSON.parse(stdout) as RunDocument;
    expect([status, ...syncs.map((sync) => sync.status)]).toEqual(["ok", ...syncs.map(() => "unchanged")]);
    expect(receiver.takeRequests()).toEqual({});
  });

  async function planned(asOf: string): Promise<PlanDocument> {
    return JSON.parse(
      (await succeed(project.root, ["plan", "--json", "--vars", `as_of=${asOf}`])).stdout,
    ) as PlanDocument;
  }

  async function held(destination: string, sync: string): Promise<readonly Held[]> {
    return destination === "exports" ? foldRuns(join(project.root, "outbox"), sync) : receiver.members(sync);
  }
});

/** The part of a plan that the oracle knows: no ids, times, samples or limits. */
function comparable({ schema, environment, as_of, changes, audiences, syncs }: PlanDocument): unknown {
  return {
    schema,
    environment,
    as_of,
    changes,
    audiences: audiences.map(({ name, before, now, enter, leave }) => ({ name, before, now, enter, leave })),
    syncs: syncs.map(({ sync, destination, object, mode, status, planned }) => ({
      sync,
      destination,
      object,
      mode,
      status,
      planned,
    })),
  };
}

function timeless({ created_at: _created, expires_at: _expires, ...rest }: PlanDocument): unknown {
  return rest;
}

async function wanted(day: number, sync: string): Promise<readonly Held[]> {
  const text = await readFile(join(expected, `day-${day}`, `${sync}.jsonl`), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Held);
}
