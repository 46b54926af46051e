/** The examples over public data, on DuckDB: valid, tested, planned and sent to files; whom each platform has, plain SQL says. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planSchema } from "../../src/cli/schemas/plan.ts";
import { runSchema } from "../../src/cli/schemas/run.ts";
import { millrace } from "../cli/millrace.ts";
import { copyExample, makeSeeds, removeExample } from "./example.ts";
import { wantedBy } from "./oracle.ts";
import { heldAfter } from "./outbox.ts";

interface Example {
  readonly name: string;
  readonly tests: number;
  /** A first run, and one that meets another day. */
  readonly days: readonly [string, string];
  readonly seeds: readonly string[];
}

/** `millrace explain person --json`, as far as it is looked at. */
interface Explained {
  readonly as_of: string;
  readonly audiences: readonly {
    readonly member: boolean;
    readonly history: readonly { readonly at: string; readonly event: string }[];
  }[];
}

const all: readonly Example[] = [
  {
    name: "thelook",
    tests: 25,
    days: ["2026-03-01T06:00:00.000Z", "2026-03-02T06:00:00.000Z"],
    seeds: ["users", "orders", "order_items", "products", "events"].map((name) => `thelook_ecommerce/${name}.csv`),
  },
  {
    name: "b2b-snowflake",
    tests: 21,
    days: ["2003-01-15T06:00:00.000Z", "2003-02-01T06:00:00.000Z"],
    seeds: ["tpcds_sf10tcl/customer.csv"],
  },
];

describe.each(all)("examples/$name", ({ name, tests, days, seeds }) => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await copyExample(name);
  });
  afterAll(() => removeExample(cwd));

  const succeed = async (...words: readonly string[]): Promise<unknown> => {
    const { exit, stdout, stderr } = await millrace([...words, "--json"], { cwd });
    if (exit !== 0) throw new Error(`millrace ${words.join(" ")}: exit ${exit}\n${stdout}\n${stderr}`);
    return JSON.parse(stdout);
  };

  test("is valid where it is tried and where it is meant for", async () => {
    for (const environment of ["dev", "prod"])
      expect(await succeed("validate", "-e", environment)).toMatchObject({ diagnostics: [] });
  });

  test("passes its own tests", async () => {
    const { tests: found } = (await succeed("test", "--vars", `as_of=${days[0]}`)) as {
      readonly tests: readonly { readonly status: string }[];
    };
    expect(found.map(({ status }) => status)).toEqual(Array.from({ length: tests }, () => "passed"));
  });

  test.each(days)("plans and reaches as of %s exactly whom plain SQL says", async (asOf) => {
    const plan = planSchema.parse(await succeed("plan", "--vars", `as_of=${asOf}`));
    const run = runSchema.parse(await succeed("sync", "--vars", `as_of=${asOf}`));
    expect(run.syncs.map(({ sync, accepted }) => [sync, accepted])).toEqual(
      plan.syncs.map(({ sync, planned }) => [sync, planned]),
    );
    expect(await heldAfter(cwd, "dev")).toEqual(await wantedBy(cwd, asOf));
  });

  test("is what its README says to type", async () => {
    const readme = await readFile(path.join(cwd, "README.md"), "utf8");
    const lines = /```sh\n(.*?)```/s.exec(readme)?.[1]?.trim().split("\n") ?? [];
    const typed = lines.map((line) => line.replace(/ +#.*/, ""));
    const tried = (command: string, asOf: string) => `millrace ${command} --vars as_of=${asOf.replace(".000", "")}`;
    const [first, second] = days;
    expect(typed.slice(0, -1)).toEqual([
      "node make-seeds.mjs",
      "millrace validate",
      tried("test", first),
      tried("plan", first),
      tried("sync", first),
      tried("plan", second),
      tried("sync", second),
    ]);
    // The person of its last line is one for whom the second day made a difference.
    const [, ...words] = typed.at(-1)?.split(" ") ?? [];
    const { as_of: asOf, audiences } = (await succeed(...words)) as Explained;
    expect(asOf).toBe(second);
    expect(audiences.map(({ member }) => member)).toContain(true);
    expect(audiences.flatMap(({ history }) => history)).toContainEqual(
      expect.objectContaining({ at: second, event: "leave" }),
    );
  });

  test("is quiet afterwards", async () => {
    const { syncs } = runSchema.parse(await succeed("sync", "--vars", `as_of=${days[1]}`));
    expect(new Set(syncs.map(({ status }) => status))).toEqual(new Set(["unchanged"]));
  });

  test("its sample data is the same for one seed, another for another, and of people at example.*", async () => {
    const read = async (folder: string) =>
      Promise.all(seeds.map((file) => readFile(path.join(cwd, folder, file), "utf8")));
    await makeSeeds(cwd, "--out", path.join(cwd, "again"));
    await makeSeeds(cwd, "--out", path.join(cwd, "other"), "--seed", "2");
    const [here, again, other] = await Promise.all(["seeds", "again", "other"].map(read));
    expect(again).toEqual(here);
    expect(other).not.toEqual(here);
    const domains = here?.join("").match(/@[a-z.]+/gi) ?? [];
    expect(new Set(domains.map((domain) => domain.toLowerCase()))).toEqual(
      new Set(["@example.com", "@example.net", "@example.org"]),
    );
  });
});
