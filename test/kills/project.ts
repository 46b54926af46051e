import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const millraceYml = `version: 1
name: kills
default_environment: dev
environments:
  dev:
    warehouse: { type: duckdb, seeds: seeds }
guards: { shrink: off, growth: off, remove: off, first_run: allow }
`;

const models = `seeds:
  - { name: shop.customers, column_types: { customer_id: bigint, email: varchar, phone: varchar, city: varchar, spend: integer } }
sources:
  - { name: shop, schema: shop, tables: [{ name: customers }] }
models:
  - { name: customers, primary_key: customer_id, identifiers: { email: email, phone: phone } }
audiences:
  - { name: spenders, model: customers, where: { field: spend, gte: 100 } }
  - { name: buyers, model: customers, where: { field: spend, gte: 50 } }
syncs:
  - name: spenders_to_hook
    audience: spenders
    destination: hook
    object: member
    mode: mirror
    mappings: [{ to: city, from: city }, { to: spend, from: spend }]
  - name: spenders_to_files
    audience: spenders
    destination: files
    object: member
    mode: mirror
    mappings: [{ to: city, from: city }, { to: spend, from: spend }]
  - name: buyers_to_ads
    audience: buyers
    destination: ads
    object: audience
    mode: mirror
    remote: { name: Buyers }
`;

/** The project's folder: CSV seeds, a webhook, files, and an ad platform whose members are hashed e-mails and phones. */
export async function writeProject(url: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "millrace-kills-"));
  for (const folder of ["models", "destinations", "seeds/shop"]) await mkdir(join(root, folder), { recursive: true });
  const destination = (name: string, text: string): Promise<void> =>
    writeFile(join(root, "destinations", `${name}.yml`), `destination: ${name}\n${text}`);
  await writeFile(join(root, "millrace.yml"), millraceYml);
  await writeFile(join(root, "models/customers.sql"), "select * from {{ source('shop', 'customers') }}\n");
  await writeFile(join(root, "models/models.yml"), models);
  const network = `allow_private_network: true`;
  await destination("hook", `type: webhook\nlate: 0s\nconfig: { url: "${url}/hook", rows: 7, ${network} }\n`);
  await destination("files", `type: file\nconfig: { path: out, format: jsonl }\n`);
  await destination(
    "ads",
    `type: meta\nlate: 0s\ncredentials: { access_token: "\${env:ADS_TOKEN}" }\nconfig: { ad_account: act_1, base_url: "${url}", ${network} }\n`,
  );
  return root;
}

export const writeSeed = (root: string, csv: string): Promise<void> =>
  writeFile(join(root, "seeds/shop/customers.csv"), csv);

export const removeProject = (root: string): Promise<void> => rm(root, { recursive: true, force: true });

interface Line {
  readonly key: unknown;
  readonly identifiers?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** What a reader of the files has after taking every finished run folder in order: JSON of the key -> row. */
export async function readFiles(root: string): Promise<ReadonlyMap<string, object>> {
  const held = new Map<string, object>();
  const folder = join(root, "out/spenders_to_files");
  const runs = await readdir(folder).catch(() => []);
  for (const run of runs.filter((name) => !name.startsWith(".")).toSorted()) {
    const { files } = JSON.parse(await readFile(join(folder, run, "manifest.json"), "utf8")) as { files: string[] };
    for (const name of files) {
      const text = await readFile(join(folder, run, name), "utf8");
      for (const line of text.split("\n").filter((each) => each !== "")) apply(held, name, JSON.parse(line) as Line);
    }
  }
  return held;
}

function apply(held: Map<string, object>, file: string, { key, identifiers = {}, fields = {} }: Line): void {
  if (file.startsWith("removes")) held.delete(JSON.stringify(key));
  else held.set(JSON.stringify(key), { identifiers, fields });
}
