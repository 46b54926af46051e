/** The destination `s3` against s3rver, read back with Amazon's own SDK. */
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { awsSignature, objectPath } from "../../src/destination/aws-signature.ts";
import { checkDestination } from "../../src/engine/check.ts";
import { env, type Lab } from "../e2e/platforms/lab.ts";
import { killedSync, people, startProject } from "./project.ts";
import { describeWith, tools } from "./servers/needs.ts";
import { account, type S3, startS3 } from "./servers/s3.ts";

const packages = {
  s3rver: join(tools, "node_modules/s3rver"),
  "Amazon's SDK": join(tools, "node_modules/@aws-sdk/client-s3"),
};

/** SHA-256 as Amazon's signer wants it. */
class Digest {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | Uint8Array) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  }
  update(text: string | Uint8Array): void {
    this.#hash.update(text);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

describeWith(packages)("s3", () => {
  let store: S3;
  let lab: Lab;
  let runs = 0;
  /** Each test has a prefix of its own. */
  let prefix = "";
  beforeAll(async () => void (store = await startS3()));
  afterAll(() => store?.close());
  beforeEach(() => {
    env.LAB_TOKEN = account;
    env.LAB_SECRET = account;
    prefix = `to crm+${++runs}/ü`;
  });
  afterEach(() => lab?.close());

  async function start(more = "", bucket = "exports"): Promise<void> {
    lab = await startProject(
      `type: s3
credentials: { access_key_id: "\${env:LAB_TOKEN}", secret_access_key: "\${env:LAB_SECRET}" }
config: { bucket: ${bucket}, prefix: "${prefix}", base_url: "${store.url}", allow_private_network: true${more} }
retry: { attempts: 3, deadline: 10min }`,
      `object: record
    mode: mirror
    on_leave: delete
    identifiers: { email: email }
    mappings: [{ to: name, from: name }, { to: points, from: points }]`,
    );
  }
  const keys = async () => (await store.keys()).filter((key) => key.startsWith(`${prefix}/`));

  /** Everybody whom the runs leave with a reader that waits for manifests. */
  async function held(): Promise<readonly unknown[]> {
    const found = new Map<number, unknown>();
    for (const manifest of (await keys()).filter((key) => key.endsWith("/manifest.json"))) {
      const { files } = JSON.parse(await store.text(manifest)) as { readonly files: readonly string[] };
      for (const file of files) {
        const text = await store.text(manifest.replace("manifest.json", file));
        for (const line of text.trimEnd().split("\n")) {
          const { key, ...row } = JSON.parse(line) as { readonly key: number };
          if (file.startsWith("removes-")) found.delete(key);
          else found.set(key, row);
        }
      }
    }
    return [...found].toSorted(([a], [b]) => a - b);
  }
  const row = ({ id, email, name, points }: ReturnType<typeof people>[number]) => [
    id,
    { identifiers: { email }, fields: { name, points } },
  ];

  it("writes whole runs: adds, updates, removals, and nothing when nothing changed", async () => {
    await start();
    await lab.seed("people", people(1, 300));
    expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 300 } });
    expect(await held()).toEqual(people(1, 300).map(row));
    const now = [...people(2, 299, (id) => (id === 2 ? { points: 7 } : {})), ...people(2000, 2001)];
    await lab.seed("people", now);
    expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 5 } });
    expect(await held()).toEqual(now.map(row));
    const before = await keys();
    expect(before.filter((key) => key.includes("/.open/"))).toEqual([]);
    expect((await lab.run("there")).status).toBe("unchanged");
    expect(await keys()).toEqual(before);
  });

  it("gives the files of a killed run their manifest, and is right after it", async () => {
    await start();
    await lab.seed("people", people(1, 8000));
    await killedSync(lab, env, async () => (await keys()).length > 0);
    expect((await keys()).filter((key) => key.includes("/.open/")).length).toBe(1);
    await lab.sync();
    await lab.sync();
    const after = await keys();
    expect(after.filter((key) => key.includes("/.open/"))).toEqual([]);
    expect(after.filter((key) => key.endsWith("manifest.json")).length).toBeGreaterThanOrEqual(2);
    expect((await held()).length).toBe(8000);
  });

  it("writes CSV", async () => {
    await start(", format: csv");
    await lab.seed("people", people(1, 1));
    await lab.run("there");
    const file = (await keys()).find((key) => key.endsWith(".csv"));
    expect(await store.text(file ?? "")).toBe(
      "key,identifiers.email,fields.name,fields.points\n1,p1@example.com,P1,10\n",
    );
  });

  /** s3rver knows keys, but checks no signatures of version 4. */
  it("signs as Amazon's own SDK does", async () => {
    const { SignatureV4 } = createRequire(join(tools, "tools.js"))("@smithy/signature-v4");
    const secrets = {
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secretAccessKey: "a/secret+of=the lab",
      sessionToken: "tok en",
    };
    const signer = new SignatureV4({
      credentials: secrets,
      region: "eu-west-3",
      service: "s3",
      sha256: Digest,
      uriEscapePath: false,
    });
    const path = `/exports/${objectPath("to crm/ü+(1)'*!.csv")}`;
    const headers = {
      host: "store.example.com:9000",
      "content-type": "text/csv",
      "content-md5": "abc=",
      "x-amz-tagging": "a=b",
    };
    const now = Date.UTC(2026, 0, 2, 3, 4, 5);
    const request = {
      method: "PUT",
      protocol: "https:",
      hostname: "store.example.com",
      path,
      query: { b: "x y", a: "/" },
      headers,
      body: "x",
    };
    const theirs = await signer.sign(request, { signingDate: new Date(now) });
    const { host: _, ...ours } = headers;
    const url = `https://store.example.com:9000${path}?b=x%20y&a=%2F`;
    const signed = awsSignature(
      { method: "PUT", url, headers: ours, body: "x", nonce: "" },
      { ...secrets, region: "eu-west-3", service: "s3", now },
    );
    expect(signed.authorization).toBe(theirs.headers["authorization"]);
  });

  it("says what is wrong with an account, and stops", async () => {
    await start();
    await lab.seed("people", people(1, 2));
    const told = async () => (await checkDestination({ ...(await lab.options()), destination: "there" }))[0];
    expect(await told()).toEqual({ ok: true, message: "writes to exports" });
    env.LAB_TOKEN = "another key";
    expect(await told()).toMatchObject({ ok: false, message: expect.stringContaining("refuses the credentials") });
    expect(await lab.run("there")).toMatchObject({ status: "failed", error: { code: "E812" } });
    env.LAB_TOKEN = account;
    await lab.close();
    await start("", "elsewhere");
    await lab.seed("people", people(1, 2));
    expect(await lab.run("there")).toMatchObject({ status: "failed", error: { code: "E811" } });
  });
});
