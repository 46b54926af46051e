/** A dbt project in a folder, built by dbt itself, and a millrace project beside it. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { millrace, run, type Finished } from "../../e2e/support/cli.ts";
import { dbtShop } from "../dbt-shop.ts";
import { tools } from "./needs.ts";

export const dbtProgram = join(tools, "dbt/bin/dbt");

export interface Shop {
  /** Writes files below dbt/ or crm/. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs dbt; throws what it said when it fails, unless `fails`. */
  dbt(words: readonly string[], options?: { readonly fails?: boolean }): Promise<string>;
  millrace(words: readonly string[]): Promise<Finished>;
  readonly root: string;
  close(): Promise<void>;
}

/** `crm`: files of the millrace project. */
export async function startShop(crm: Readonly<Record<string, string>>): Promise<Shop> {
  const root = await mkdtemp(join(tmpdir(), "millrace-dbt-"));
  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), text);
    }
  };
  const under = (folder: string, files: Readonly<Record<string, string>>) =>
    write(Object.fromEntries(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text])));
  await under("dbt", dbtShop);
  await under("crm", crm);
  return {
    root,
    write,
    async dbt(words, { fails = false } = {}) {
      const options = ["--profiles-dir", ".", "--no-use-colors"];
      const env = { ...process.env, DBT_SEND_ANONYMOUS_USAGE_STATS: "false", DO_NOT_TRACK: "1" };
      const { exit, stdout, stderr } = await run(join(root, "dbt"), dbtProgram, [...words, ...options], env);
      if ((exit !== 0) !== fails) throw new Error(`dbt ${words.join(" ")} ended with ${exit}:\n${stdout}\n${stderr}`);
      return stdout;
    },
    millrace: (words) => millrace(join(root, "crm"), words),
    close: () => rm(root, { recursive: true, force: true }),
  };
}
