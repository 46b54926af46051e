import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tools } from "./needs.ts";

export interface S3 {
  readonly url: string;
  /** Keys of the bucket `exports`, in order. */
  keys(): Promise<readonly string[]>;
  text(key: string): Promise<string>;
  close(): Promise<void>;
}

/** The key of s3rver's only account, both halves. */
export const account = "S3RVER";

/** s3rver on a port of its own with one bucket, read back by Amazon's own SDK. */
export async function startS3(): Promise<S3> {
  const load = createRequire(join(tools, "tools.js"));
  const S3rver = load("s3rver");
  const sdk = load("@aws-sdk/client-s3");
  const folder = await mkdtemp(join(tmpdir(), "millrace-s3-"));
  const configureBuckets = [{ name: "exports" }];
  const server = new S3rver({ address: "127.0.0.1", port: 0, silent: true, directory: folder, configureBuckets });
  const { port }: { port: number } = await server.run();
  const url = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: account, secretAccessKey: account };
  const client = new sdk.S3Client({ endpoint: url, region: "us-east-1", forcePathStyle: true, credentials });
  return {
    url,
    async keys() {
      const { Contents = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket: "exports" }));
      return Contents.map(({ Key }: { Key: string }) => Key);
    },
    async text(key) {
      const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: "exports", Key: key }));
      return await Body.transformToString();
    },
    async close() {
      client.destroy();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
