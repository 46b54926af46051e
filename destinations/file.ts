/** Files in a folder per sync and run: `<path>/<sync>/<run>/`, one file per batch, the manifest last. */
import { anyValue, defineDestination, defineObject, exact, networkSettings, runFolders } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  path: z.string().min(1).describe("Folder for the files, relative to the project."),
  format: z.enum(["jsonl", "csv", "parquet"]).default("jsonl").describe("Form of the files."),
  layout: z
    .enum(["changes", "snapshot"])
    .default("changes")
    .describe("Only what changed (adds, updates, removes), or everybody who is wanted."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const common = {
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "key",
  identifiers: {},
  openIdentifiers: exact(),
  fields: {},
  openFields: anyValue({ describe: "Any column" }),
  limits: { rows: 50_000, concurrency: 1 },
  lateMs: 0,
  passThrough: true,
  configure: ({ layout, format }: Config) => ({
    needs: layout === "snapshot" ? ("members" as const) : ("changes" as const),
    passThrough: format === "jsonl",
  }),
  ...runFolders((file) => ({ file })),
} as const;

export default defineDestination<Config>({
  name: "file",
  describe: "Files in a folder: JSON lines, CSV or Parquet.",
  docs: "https://jsonlines.org",
  config: settings,
  credentials: z.strictObject({}),
  guide: {
    credentials: "None: files are written below the project, readable by their owner only.",
    refused: "Nothing is refused; a disk that is full or may not be written stops the sync with its reason.",
    erasure: "Files already written are yours to delete; the person is in none of the next ones.",
  },
  effects: ["file"],
  hosts: () => [],
  auth: { type: "none" },
  objects: {
    member: defineObject<Config, string>({ ...common, describe: "Being a member of the audience", kind: "membership" }),
    record: defineObject<Config, string>({ ...common, describe: "A record with fields", kind: "record" }),
  },
});
