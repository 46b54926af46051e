/** How fast the command line is there: `--version`, and `validate` of 100 and 1,000 models. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { atMost, bench, median, type Figure } from "./figure.ts";
import { isBuilt, program, runNode, type Ran } from "./command.ts";

/** `count` .sql files and a .yml of ten models for every ten of them, each model reading the one before (decision 21). */
async function manyModels(count: number): Promise<string> {
  const root = await mkdtemp(path.join(os.tmpdir(), "millrace-bench-"));
  await mkdir(path.join(root, "models"));
  await writeFile(
    path.join(root, "millrace.yml"),
    "version: 1\nname: bench\ndefault_environment: dev\nenvironments:\n  dev:\n    warehouse: { type: duckdb }\n",
  );
  for (let model = 0; model < count; model += 1) {
    const from =
      model % 10 === 0
        ? "(select 1 as id, 'x@example.com' as email, 0 as spent) as start"
        : `{{ ref('m${model - 1}') }}`;
    await writeFile(
      path.join(root, "models", `m${model}.sql`),
      `select id, email, spent + ${model} as spent\nfrom ${from}\nwhere id is not null\n`,
    );
  }
  for (let block = 0; block < count / 10; block += 1) {
    const models = Array.from({ length: 10 }, (_, at) => {
      const name = `m${block * 10 + at}`;
      return `  - name: ${name}\n    description: Model ${name}.\n    primary_key: id\n    identifiers: { email: email }\n    columns:\n      - { name: id, data_tests: [unique, not_null] }\n      - { name: email, pii: email }\n`;
    });
    await writeFile(path.join(root, "models", `block${block}.yml`), `models:\n${models.join("")}`);
  }
  return root;
}

const said = ({ wall, cpu }: Ran): string => `${(wall * 1000).toFixed(0)} ms (cpu ${(cpu * 1000).toFixed(0)} ms)`;

await bench(async (size) => {
  const models = size.quick ? [10, 20] : [100, 1000];
  const folders = await Promise.all(models.map(manyModels));
  const count = size.quick ? 1 : 9;
  const works: { readonly words: readonly string[]; readonly folder: string; readonly runs: Ran[] }[] = [
    { words: ["-e", "0"], folder: os.tmpdir(), runs: [] },
    { words: [...program, "--version"], folder: os.tmpdir(), runs: [] },
    ...folders.map((folder) => ({ words: [...program, "validate"], folder, runs: [] })),
  ];
  for (let round = 0; round < count; round += 1) {
    for (const { words, folder, runs } of works) runs.push(await runNode(folder, words));
  }
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
  const [node, version, ...validates] = works.map(({ runs }): Ran => ({
    wall: median(runs.map(({ wall }) => wall)),
    cpu: median(runs.map(({ cpu }) => cpu)),
    peakMb: Number.NaN,
  }));
  if (node === undefined || version === undefined) throw new Error("nothing was measured");
  const unbuilt = isBuilt ? {} : { note: "from the sources, compiled while loading: run `npm run build` first" };
  const floors = [0.4, 1.2];
  return [
    {
      name: "millrace --version",
      measured: said(version),
      against: `node -e 0 ${said(node)}`,
      ratio: version.wall / node.wall,
      floors: [atMost(2.5)],
      ...unbuilt,
    },
    ...validates.map((ran, index) => ({
      name: `millrace validate, ${models[index]?.toLocaleString("en-US")} models`,
      measured: said(ran),
      against: "",
      ratio: ran.wall,
      floors: [atMost(floors[index] ?? 0)],
      ...(index === 1 ? { note: "Dataform compile of the same: 2.15 s and 14.4 s (sync-engine.md)" } : {}),
      ...unbuilt,
    })),
  ] satisfies readonly Figure[];
});
