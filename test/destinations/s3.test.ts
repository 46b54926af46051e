import { afterEach, beforeEach, expect, it } from "vitest";
import s3 from "../../destinations/s3.ts";
import { batch, change } from "../destination/change.ts";
import { configOf, context, drive, object } from "../destination/drive.ts";
import { startFakeS3, type S3State } from "../fakes/s3.ts";
import type { Fake } from "../fakes/server.ts";

const credentials = { access_key_id: "AKIAIOSFODNN7EXAMPLE", secret_access_key: "not/a+real+secret" };
const ann = change("1", { identifiers: { email: "ann@example.com" }, fields: { tier: 'go"ld', points: 3 } });
const bob = change("2", { identifiers: { phone: "+15550109999" }, fields: { tier: null } });
const accepted = { add: 2, update: 0, remove: 1 };

let fake: Fake<S3State>;
beforeEach(async () => void (fake = await startFakeS3("exports", credentials)));
afterEach(() => fake.close());

function run(runId: string, settings: object = {}) {
  const config = {
    bucket: "exports",
    prefix: "out/shop",
    base_url: fake.url,
    allow_private_network: true,
    ...settings,
  };
  const spec = object(s3, "record", config);
  const ctx = context(s3, config, { runId });
  const driver = { destination: s3, credentials, config: ctx.config };
  return {
    deliver: (sent: ReturnType<typeof batch>) => drive(spec.deliver(sent, ctx), driver),
    finish: () => drive(spec.finish!(ctx, { accepted, rejected: 0 }), driver),
    check: () => drive(s3.check!({ config: configOf(s3, config) }), driver),
  };
}
const keys = (): readonly string[] => [...fake.state.objects.keys()].toSorted();
const folder = "out/shop/vip_to_there";

it("writes one object a batch and the manifest last, and closes the run", async () => {
  const { deliver, finish } = run("r1");
  expect(await deliver(batch("add", [ann, bob]))).toEqual([{ status: "accepted" }, { status: "accepted" }]);
  await deliver(batch("remove", [change("3", { identifiers: { email: "cy@example.com" } })]));
  await deliver(batch("update", [bob]));
  expect(keys().some((key) => key.endsWith("manifest.json"))).toBe(false);
  await finish();
  const files = ["adds-batch-add-0.jsonl", "removes-batch-remove-0.jsonl", "updates-batch-update-0.jsonl"];
  expect(keys()).toEqual(
    [...files.slice(0, 1), "manifest.json", ...files.slice(1)].map((name) => `${folder}/r1/${name}`),
  );
  expect(fake.requests.at(-2)?.path).toBe(`/exports/${folder}/r1/manifest.json`);
  expect(fake.state.objects.get(`${folder}/r1/removes-batch-remove-0.jsonl`)).toBe(
    '{"key":"3","identifiers":{"email":"cy@example.com"}}\n',
  );
  expect(JSON.parse(fake.state.objects.get(`${folder}/r1/manifest.json`) ?? "")).toEqual({
    schema: "millrace/files/v1",
    sync: "vip_to_there",
    run_id: "r1",
    environment: "test",
    format: "jsonl",
    layout: "changes",
    interrupted: false,
    files,
    as_of: "2026-01-02T03:04:05.000Z",
    rows: accepted,
  });
});

it("gives the same objects when a batch is delivered twice", async () => {
  const { deliver } = run("r1");
  await deliver(batch("add", [ann]));
  const once = new Map(fake.state.objects);
  await deliver(batch("add", [ann]));
  expect(fake.state.objects).toEqual(once);
});

it("gives the files of killed runs their manifest, and does nothing where there are none", async () => {
  for (const killed of ["k1", "k2", "k3"]) await run(killed).deliver(batch("add", [ann]));
  await run("r2").finish();
  for (const killed of ["k1", "k2", "k3"])
    expect(JSON.parse(fake.state.objects.get(`${folder}/${killed}/manifest.json`) ?? "")).toMatchObject({
      run_id: killed,
      interrupted: true,
      files: ["adds-batch-add-0.jsonl"],
    });
  const before = fake.requests.length;
  await run("r3").finish();
  expect(fake.requests.slice(before).map(({ method }) => method)).toEqual(["GET"]);
});

it("does not end quietly when the manifest cannot be written", async () => {
  const { deliver, finish } = run("r1");
  await deliver(batch("add", [ann]));
  fake.fail({ on: "manifest.json", status: 500 });
  await expect(finish()).rejects.toThrow("the run's files have no manifest yet (unknown)");
  fake.fail({ on: "GET", status: 200, body: {} });
  await expect(finish()).rejects.toThrow("the run's files have no manifest yet");
});

it("names the bucket in the host or in the path", () => {
  const hosts = (config: object) => s3.hosts(configOf(s3, { bucket: "exports", region: "eu-west-3", ...config }), {});
  expect(hosts({})).toEqual(["exports.s3.eu-west-3.amazonaws.com"]);
  expect(hosts({ path_style: true })).toEqual(["s3.eu-west-3.amazonaws.com"]);
  expect(hosts({ base_url: "https://exports.store.example.com", path_style: false })).toEqual([
    "exports.store.example.com",
  ]);
});

it.each([
  [403, "SignatureDoesNotMatch", "auth"],
  [400, "ExpiredToken", "auth"],
  [503, "SlowDown", "throttled"],
  [400, "RequestTimeout", "retry"],
  [400, "BadDigest", "retry"],
  [404, "NoSuchBucket", undefined],
] as const)("%i %s is %s", (status, code, expected) => {
  const text = `<Error><Code>${code}</Code></Error>`;
  expect(s3.classify?.({ status, headers: {}, body: undefined, text })).toBe(expected);
});

it("checks that it may write and delete", async () => {
  expect(await run("r").check()).toEqual([{ ok: true, message: "writes to exports" }]);
  expect(keys()).toEqual([]);
  fake.fail({ on: "DELETE", status: 403 });
  expect(await run("r").check()).toEqual([{ ok: false, message: "cannot write to exports and delete again" }]);
});
