import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import file from "../../destinations/file.ts";
import { batch, change } from "../destination/change.ts";
import { context, drive, object } from "../destination/drive.ts";

const ann = change("1", { identifiers: { email: "ann@example.com" }, fields: { tier: 'go"ld', points: 3 } });
const bob = change("2", { identifiers: { phone: "+15550109999" }, fields: { tier: null } });
const accepted = { add: 2, update: 0, remove: 1 };
let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "millrace-file-"));
});

function run(runId: string, settings: object = {}) {
  const config = { path: "out", ...settings };
  const spec = object(file, "member", config);
  const ctx = context(file, config, { runId });
  return {
    spec,
    deliver: (sent: ReturnType<typeof batch>) => drive(spec.deliver(sent, ctx), { destination: file, root }),
    finish: () => drive(spec.finish!(ctx, { accepted, rejected: 0 }), { destination: file, root }),
  };
}

const tree = async (folder = ""): Promise<string[]> => (await readdir(join(root, "vip_to_there", folder))).toSorted();
const content = (path: string): Promise<string> => readFile(join(root, "vip_to_there", path), "utf8");

it("shows a run's folder only when it is whole, the manifest last", async () => {
  const { deliver, finish } = run("r1");
  expect(await deliver(batch("add", [ann, bob]))).toEqual([{ status: "accepted" }, { status: "accepted" }]);
  await deliver(batch("remove", [change("3", { identifiers: { email: "cy@example.com" } })]));
  expect(await tree()).toEqual([".r1.partial"]);
  await finish();
  expect(await tree()).toEqual(["r1"]);
  expect(await tree("r1")).toEqual(["adds-batch-add-0.jsonl", "manifest.json", "removes-batch-remove-0.jsonl"]);
  expect(await content("r1/adds-batch-add-0.jsonl")).toBe(
    '{"key":"1","identifiers":{"email":"ann@example.com"},"fields":{"tier":"go\\"ld","points":3}}\n' +
      '{"key":"2","identifiers":{"phone":"+15550109999"},"fields":{"tier":null}}\n',
  );
  expect(await content("r1/removes-batch-remove-0.jsonl")).toBe(
    '{"key":"3","identifiers":{"email":"cy@example.com"}}\n',
  );
  expect(JSON.parse(await content("r1/manifest.json"))).toEqual({
    schema: "millrace/files/v1",
    sync: "vip_to_there",
    run_id: "r1",
    environment: "test",
    format: "jsonl",
    layout: "changes",
    interrupted: false,
    files: ["adds-batch-add-0.jsonl", "removes-batch-remove-0.jsonl"],
    as_of: "2026-01-02T03:04:05.000Z",
    rows: accepted,
  });
});

it("gives the same folder when a batch is delivered twice", async () => {
  const { deliver, finish } = run("r1");
  for (let times = 0; times < 2; times++) await deliver(batch("add", [ann, bob]));
  await finish();
  expect(await tree("r1")).toEqual(["adds-batch-add-0.jsonl", "manifest.json"]);
  expect((await content("r1/adds-batch-add-0.jsonl")).split("\n")).toHaveLength(3);
});

it("closes what a killed run left open, and does nothing where there is nothing", async () => {
  await run("killed").deliver(batch("add", [ann]));
  await run("r2").finish();
  expect(await tree()).toEqual(["killed"]);
  expect(JSON.parse(await content("killed/manifest.json"))).toMatchObject({ run_id: "killed", interrupted: true });
  await run("r3").finish();
  expect(await tree()).toEqual(["killed"]);
});

it("writes CSV with one column per identifier and field", async () => {
  const { deliver } = run("r1", { format: "csv" });
  await deliver(batch("add", [ann, bob]));
  expect(await content(".r1.partial/adds-batch-add-0.csv")).toBe(
    "key,identifiers.email,identifiers.phone,fields.points,fields.tier\n" +
      '1,ann@example.com,,3,"go""ld"\n2,,+15550109999,,\n',
  );
});

it("writes Parquet by columns, also from lines built in SQL", async () => {
  const { deliver } = run("r1", { format: "parquet" });
  await deliver(batch("add", [ann], { lines: ['{"key":[1,"a"],"identifiers":{},"fields":{"n":null}}'] }));
  expect(JSON.parse(await content(".r1.partial/adds-batch-add-0.parquet"))).toEqual({
    columns: ["key", "fields.n"],
    rows: [[[1, "a"], null]],
  });
});

it("asks for everybody when the layout is a snapshot", async () => {
  const { spec, deliver } = run("r1", { layout: "snapshot" });
  expect(spec.needs).toBe("members");
  expect(run("r1").spec.needs).toBe("changes");
  await deliver(batch("add", [ann]));
  expect(await tree(".r1.partial")).toEqual(["members-batch-add-0.jsonl"]);
});
