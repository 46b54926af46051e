import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { contract, type Exception } from "../contract/warehouses/contract.ts";
import { driver, type Fakesnow, open, python, startFakesnow } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";

const noList = "fakesnow makes no array of ARRAY_CONSTRUCT under a name";
const asVariant = "fakesnow keeps ARRAY and OBJECT as JSON and calls them VARIANT";
const noTime = "fakesnow has no TO_CHAR of a TIME";
const shortNumber = "fakesnow makes a 64-bit integer of NUMBER(38,0)";
const noNfc = "Snowflake itself has no function that composes Unicode";

const exceptions: readonly Exception[] = [
  ...(
    [
      ["describe: list", noList],
      ["describe: struct", asVariant],
      ["rows and read: plain and exact values: list", noList],
      ["rows and read: plain and exact values: struct", asVariant],
      ["canonical: time", noTime],
      ["wireJson: time", noTime],
    ] as const
  ).map(([operation, reason]) => ({ emulator: "fakesnow", operation, reason })),
  ...(
    [
      ["describe: columns of a table", ["list", "struct"], asVariant],
      ["append: values of every type come back the same", ["list", "struct"], asVariant],
      ["canonical: NULL", ["NULL time"], noTime],
      ["canonical: float", ["large float"], shortNumber],
      ["keyText: text", ["text decomposed"], noNfc],
      ["wireJson: NULL", ["NULL time"], noTime],
    ] as const
  ).map(([operation, samples, reason]) => ({ emulator: "fakesnow", operation, samples, reason })),
];

where("fakesnow", [driver, python], () => {
  contract(
    "snowflake",
    "fakesnow",
    async () => {
      const { endpoint, stop } = await startFakesnow();
      const warehouse = await open(endpoint);
      return {
        subject: { warehouse, table: (name) => warehouse.dialect.relation("ANALYTICS", "LEDGER", name) },
        async stop() {
          await warehouse.close();
          await stop();
        },
      };
    },
    exceptions,
  );

  let server: Fakesnow;
  beforeAll(async () => {
    server = await startFakesnow();
  });
  afterAll(() => server?.stop());

  it("shows others nothing of a transaction before its end, and lets scripts run side by side", async () => {
    const warehouse = await open(server.endpoint);
    const relation = warehouse.dialect.relation("ANALYTICS", "LEDGER", "side_by_side");
    await warehouse.execute(`CREATE TABLE ${relation} ("n" NUMBER(38,0))`);
    const seen: unknown[] = [];
    async function* rows(): AsyncGenerator<readonly (readonly unknown[])[]> {
      // More than one statement's worth, so that the first part is there when the second is asked for.
      for (let block = 0; block < 3; block += 1) {
        yield Array.from({ length: 150_000 }, (_, n) => [n]);
        seen.push(...(await warehouse.rows(`SELECT COUNT(*) AS "count" FROM ${relation}`)));
      }
      await warehouse.script([`INSERT INTO ${relation} VALUES (-1)`]);
    }
    await warehouse.append(relation, rows());
    seen.push(...(await warehouse.rows(`SELECT COUNT(*) AS "count" FROM ${relation}`)));
    await warehouse.close();
    expect(seen).toEqual([{ count: 0 }, { count: 0 }, { count: 0 }, { count: 450_001 }]);
  });

  it("leaves no file where it runs and writes nothing of its own, also when a statement or the login fails", () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "millrace-quiet-"));
    const fakesnow = new URL("./emulators/fakesnow.ts", import.meta.url).href;
    const program = `
    const { open } = await import(${JSON.stringify(fakesnow)});
    const warehouse = await open(${JSON.stringify(server.endpoint)});
    const told = (error) => console.log(error.message);
    await warehouse.rows("SELECT nowhere").catch(told);
    await warehouse.close();
    await open("http://127.0.0.1:9").catch(told);`;
    const tsx = import.meta.resolve("tsx");
    const args = ["--conditions=source", "--import", tsx, "--input-type=module", "--eval", program];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
    expect({ stdout, stderr, files: readdirSync(folder) }).toEqual({
      stdout: `E701: Binder Error: Referenced column "NOWHERE" was not found because the FROM clause is missing
E735: cannot connect to Snowflake: Snowflake cannot be reached
`,
      stderr: "",
      files: [],
    });
  });

  // The driver tries for half a minute before it gives up.
  it("fails a read whose server goes away in the middle, and never ends it as if it were whole", async () => {
    const own = await startFakesnow();
    const warehouse = await open(own.endpoint);
    let seen = 0;
    const read = async (): Promise<void> => {
      const sql = 'SELECT ROW_NUMBER() OVER (ORDER BY NULL) AS "n" FROM TABLE(GENERATOR(ROWCOUNT => 100000))';
      for await (const { rows } of warehouse.read(sql)) {
        if (seen === 0) await own.stop();
        seen += rows;
      }
    };
    await expect(read()).rejects.toThrow("E735: Snowflake cannot be reached");
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(100_000);
    await warehouse.close();
  });
});
