/** What Google's own analyser, which goccy's emulator carries, says of every statement that plans and runs send to BigQuery. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BigQuerySpec } from "../../src/project/project.ts";
import { analyserAt } from "./emulators/analyser.ts";
import { type BigQueryEmulator, clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { where } from "./emulators/process.ts";
import { tap, type Tap } from "./emulators/tap.ts";
import { openWorld, type World } from "./small-world.ts";

/** What is said for reasons of the emulator's own, or because it is so; one that is no longer said fails. */
const expected: readonly (readonly [said: RegExp, reason: string])[] = [
  [/Table not found: \S+INFORMATION_SCHEMA\.TABLES /, "the emulator has no INFORMATION_SCHEMA"],
  [/UNNEST contains expression of type INT64/, "the emulator takes no parameter that is an array of structs"],
  [/Table not found: \S+\.lock /, "the lock is looked for before there is a ledger"],
  [/^failed to analyze: INVALID_ARGUMENT: CREATE TABLE CLONE is not supported/, "the emulator's analyser is set so"],
];

where(
  "bigquery-emulator",
  [clients, programs.bqemulator, programs["bigquery-emulator"]],
  () => {
    let emulators: readonly BigQueryEmulator[];
    let wire: Tap;
    let world: World;
    let spec: BigQuerySpec;

    beforeAll(async () => {
      emulators = await Promise.all([startBigQuery("bqemulator"), startBigQuery("bigquery-emulator")]);
      const [runs] = emulators as [BigQueryEmulator];
      wire = await tap(runs.options.endpoint ?? "");
      const connection = { project: "test-project", endpoint: wire.endpoint };
      spec = { type: "bigquery", connection, ledger_schema: "millrace", model_schema: "millrace_models" };
      world = await openWorld(await runs.open({ endpoint: wire.endpoint }), "test-project", clients);
    });
    afterAll(async () => {
      await world.close();
      await wire.close();
      for (const emulator of emulators) await emulator.stop();
    });

    test("nothing is said against a first run, a plan and a day of changes", { timeout: 600_000 }, async () => {
      await world.people([1, "Ada", "FR"], [2, "Bo", "DE"]);
      await world.sync(spec);
      await world.people([1, "Ada", "DE"], [2, "Bo", "FR"], [3, "Cy", "FR"]);
      await world.plan(spec);
      await world.sync(spec);
      const analyser = analyserAt(emulators[1] as BigQueryEmulator);
      const unsaid = new Set(expected);
      const complaints: string[] = [];
      const statements = wire.take();
      for (const asked of statements) {
        const said = await analyser.complaint(asked);
        if (said === null) continue;
        const known = expected.find(([pattern]) => pattern.test(said));
        if (known === undefined) complaints.push(`${asked.sql}\n=> ${said}`);
        else unsaid.delete(known);
      }
      expect(complaints).toEqual([]);
      expect([...unsaid].map(([, reason]) => reason)).toEqual([]);
      expect(statements.length).toBeGreaterThan(50);
    });
  },
  { secondOpinion: true },
);
