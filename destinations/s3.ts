/**
 * Files of changes in a bucket of Amazon S3 or a store like it (`s3/store.ts`): `<prefix>/<sync>/<run>/`, one object per batch,
 * the manifest last. A batch written twice replaces its own object. While a run is open, `<prefix>/<sync>/.open/<run>` says so:
 * the next run gives the files of one that was killed their manifest (`s3/record.ts`).
 */
import { awsSignature, defineDestination } from "millrace/destination";
import { z } from "zod";
import { record } from "./s3/record.ts";
import { bucketUrl, classify, type Config, keyOf, remove, settings, write } from "./s3/store.ts";

export default defineDestination<Config>({
  name: "s3",
  describe: "Files in a bucket of Amazon S3 or a store like it.",
  docs: "https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html",
  guide: {
    credentials:
      "An access key with s3:PutObject, s3:DeleteObject and s3:ListBucket on the prefix; session_token for temporary keys.",
    refused: "A store takes or refuses a file as a whole, so rows are never refused one by one.",
    erasure:
      "Delete the objects, or rewrite them without the person; look at old versions where the bucket keeps them.",
  },
  config: settings,
  credentials: z.strictObject({
    access_key_id: z.string().describe("The access key's id."),
    secret_access_key: z.string().describe("Its secret."),
    session_token: z.string().optional().describe("Of temporary credentials."),
  }),
  effects: ["http"],
  hosts: (config) => [new URL(bucketUrl(config)).hostname],
  auth: {
    type: "signed",
    sign: (request, { credentials, config, now }) =>
      awsSignature(request, {
        accessKeyId: String(credentials["access_key_id"]),
        secretAccessKey: String(credentials["secret_access_key"]),
        sessionToken: credentials["session_token"] as string | undefined,
        region: (config as Config).region,
        service: "s3",
        now,
      }),
  },
  classify,
  *check({ config }) {
    const key = keyOf(config, ".check");
    const wrote = yield* write(config, key, "", "text/plain");
    const ok = wrote.status === "accepted" && (yield* remove(config, key)).status < 300;
    return [{ ok, message: ok ? `writes to ${config.bucket}` : `cannot write to ${config.bucket} and delete again` }];
  },
  objects: { record },
});
