/**
 * Files of changes on an SFTP server: `<path>/<sync>/<run>/`, one file per batch, the manifest last, as `file` writes them
 * in a folder. Files are written beside and renamed, a run's folder appears when it is whole.
 */
import { anyValue, defineDestination, defineObject, exact, networkSettings, runFolders } from "millrace/destination";
import { type Effect, stop } from "millrace/destination";
import { z } from "zod";

const fingerprint = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/);

const settings = z.strictObject({
  host: z.string().min(1).describe("Name or address of the server."),
  port: z.int().min(1).max(65_535).default(22).describe("Its port."),
  host_key: z
    .union([fingerprint, z.array(fingerprint).min(1)])
    .describe("Fingerprint of the server's key, SHA256:…, as `ssh-keygen -lf` prints it; several while it changes."),
  path: z.string().min(1).default(".").describe("Folder for the files, from where the user lands."),
  format: z.enum(["jsonl", "csv"]).default("jsonl").describe("Form of the files."),
  layout: z
    .enum(["changes", "snapshot"])
    .default("changes")
    .describe("Only what changed (adds, updates, removes), or everybody who is wanted."),
  allow_private_network: networkSettings.allow_private_network,
});
type Config = z.output<typeof settings>;

export default defineDestination<Config>({
  name: "sftp",
  describe: "Files on an SFTP server: JSON lines or CSV.",
  docs: "https://www.openssh.org/specs.html",
  guide: {
    credentials:
      "A user with a private key (PEM or OpenSSH form, with its passphrase) or a password, who may write below `path`. Needs the package ssh2-sftp-client.",
    refused: "A server takes or refuses a file as a whole, so rows are never refused one by one.",
    erasure: "Delete the files, or rewrite them without the person, on the server.",
  },
  config: settings,
  credentials: z.strictObject({
    user: z.string().min(1).describe("Whom to log in as."),
    private_key: z.string().optional().describe("The user's private key; goes before the password."),
    passphrase: z.string().optional().describe("Of the private key."),
    password: z.string().optional().describe("The user's password."),
  }),
  effects: ["sftp"],
  hosts: ({ host }) => [host],
  auth: { type: "none" },
  *check({ config }) {
    const names = (yield { sftp: { list: "." } } satisfies Effect) as readonly string[];
    if (!Array.isArray(names)) return stop("target", "the server does not list the folder");
    return [{ ok: true, message: `logs in and lists ${config.path} on ${config.host}` }];
  },
  objects: {
    record: defineObject<Config, string>({
      describe: "A record with fields",
      kind: "record",
      ops: ["add", "update", "remove"],
      delivery: "set",
      identify: "key",
      identifiers: {},
      openIdentifiers: exact(),
      fields: {},
      openFields: anyValue({ describe: "Any column" }),
      // One connection carries one file after another.
      limits: { rows: 50_000, bytes: 64_000_000, concurrency: 1 },
      // A write under way when the connection broke ends with it.
      lateMs: 60_000,
      passThrough: true,
      configure: ({ layout, format }: Config) => ({
        needs: layout === "snapshot" ? ("members" as const) : ("changes" as const),
        passThrough: format === "jsonl",
      }),
      ...runFolders((sftp) => ({ sftp })),
    }),
  },
});
