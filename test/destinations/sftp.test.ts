import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import sftp from "../../destinations/sftp.ts";
import { batch, change } from "../destination/change.ts";
import { context, drive, object } from "../destination/drive.ts";

const config = { host: "files.example.com", host_key: `SHA256:${"A".repeat(43)}` };
let root = "";
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), "millrace-sftp-"))));
afterEach(() => rm(root, { recursive: true, force: true }));

function run(runId: string, more: object = {}) {
  const spec = object(sftp, "record", { ...config, ...more });
  const ctx = context(sftp, { ...config, ...more }, { runId });
  return {
    spec,
    deliver: (sent: ReturnType<typeof batch>) => drive(spec.deliver(sent, ctx), { destination: sftp, root }),
    finish: () =>
      drive(spec.finish!(ctx, { accepted: { add: 1, update: 0, remove: 0 }, rejected: 0 }), {
        destination: sftp,
        root,
      }),
  };
}
const tree = async (folder = ""): Promise<string[]> => (await readdir(join(root, "vip_to_there", folder))).toSorted();

it("shows a run's folder only when it is whole, and closes that of a killed run", async () => {
  await run("killed").deliver(batch("add", [change("1")]));
  const { deliver, finish } = run("r2");
  await deliver(batch("remove", [change("2")]));
  expect(await tree()).toEqual([".killed.partial", ".r2.partial"]);
  await finish();
  expect(await tree()).toEqual(["killed", "r2"]);
  expect(await tree("r2")).toEqual(["manifest.json", "removes-batch-remove-0.jsonl"]);
  const manifest = await readFile(join(root, "vip_to_there/killed/manifest.json"), "utf8");
  expect(JSON.parse(manifest)).toMatchObject({
    run_id: "killed",
    interrupted: true,
    files: ["adds-batch-add-0.jsonl"],
  });
});

it("asks for everybody when the layout is a snapshot, and takes lines built in SQL only as they are", () => {
  expect(run("r").spec).toMatchObject({ needs: "changes", passThrough: true });
  expect(run("r", { layout: "snapshot", format: "csv" }).spec).toMatchObject({ needs: "members", passThrough: false });
});

it.each([{}, { host_key: "anything" }, { host_key: [] }, { host_key: "MD5:aa:bb" }])(
  "does not go without a fingerprint that can be compared: %j",
  (host_key) => {
    expect(sftp.config.safeParse({ host: "files.example.com", ...host_key }).success).toBe(false);
  },
);
