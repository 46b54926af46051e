/** The examples over BigQuery and Snowflake on emulators: the same models and audiences, and person by person what DuckDB sends. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PlanDocument, RunDocument } from "../../src/core.ts";
import { millrace } from "../e2e/support/cli.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";
import { wantedBy } from "../examples/oracle.ts";
import { heldAfter, sentBy } from "../examples/outbox.ts";
import { emulatedExample, type ExampleCopy } from "./example-copy.ts";

interface Started {
  readonly copy: ExampleCopy;
  stop(): Promise<void>;
}

/** Counts of one run: sync -> status, then what was accepted. */
type Counts = Readonly<Record<string, readonly [status: string, add: number, update: number, remove: number]>>;

interface Day {
  readonly asOf: string;
  readonly counts: Counts;
}

function example(name: string, days: readonly Day[], start: () => Promise<Started>): void {
  describe(`examples/${name}`, () => {
    let started: Started | undefined;
    let copy: ExampleCopy;
    beforeAll(async () => {
      started = await start();
      ({ copy } = started);
    });
    afterAll(async () => {
      await copy?.remove();
      await started?.stop();
    });

    const succeed = async (...args: readonly string[]): Promise<string> => {
      const { exit, stdout, stderr } = await millrace(copy.root, args, { EMULATED_PROJECT: "test-project" });
      if (exit !== 0) throw new Error(`millrace ${args.join(" ")}: exit ${exit}\n${stdout}\n${stderr}`);
      return stdout;
    };
    const plan = async (environment: string, asOf: string) => {
      const stdout = await succeed("-e", environment, "plan", "--json", "--vars", `as_of=${asOf}`, "--yes");
      const { syncs } = JSON.parse(stdout) as PlanDocument;
      return Object.fromEntries(
        syncs.map(({ sync: each, planned: { add, update, remove } }) => [each, [add, update, remove]]),
      );
    };
    const sync = async (environment: string, asOf: string): Promise<Counts> => {
      const stdout = await succeed("-e", environment, "sync", "--json", "--vars", `as_of=${asOf}`, "--yes");
      const { syncs } = JSON.parse(stdout) as RunDocument;
      return Object.fromEntries(
        syncs.map(({ sync: each, status, accepted: { add, update, remove } }) => [each, [status, add, update, remove]]),
      );
    };

    test("passes its own tests there", { timeout: 300_000 }, async () => {
      await succeed("-e", "emulator", "validate");
      await succeed("-e", "emulator", "doctor");
      const stdout = await succeed("-e", "emulator", "test", "--json", "--vars", `as_of=${days[0]?.asOf}`, "--yes");
      const { tests } = JSON.parse(stdout) as { readonly tests: readonly { readonly status: string }[] };
      expect(tests.length).toBeGreaterThan(20);
      expect(new Set(tests.map(({ status }) => status))).toEqual(new Set(["passed"]));
    });

    test.each(days)("sends as of $asOf what DuckDB sends", { timeout: 600_000 }, async ({ asOf, counts }) => {
      expect(await sync("dev", asOf)).toEqual(counts);
      const planned = await plan("emulator", asOf);
      expect(await sync("emulator", asOf)).toEqual(counts);
      expect(planned).toEqual(Object.fromEntries(Object.entries(counts).map(([each, [, ...rows]]) => [each, rows])));
      expect(await sentBy(copy.root, "emulator")).toEqual(await sentBy(copy.root, "dev"));
      expect(await heldAfter(copy.root, "emulator")).toEqual(await wantedBy(copy.root, asOf));
    });
  });
}

const unchanged = ["unchanged", 0, 0, 0] as const;
/** A first run, and a day later. */
const theLook: readonly Day[] = [
  {
    asOf: "2026-03-01T06:00:00Z",
    counts: {
      abandoned_carts_to_klaviyo: ["ok", 44, 0, 0],
      best_of_women_to_meta: ["ok", 120, 0, 0],
      brand_fans_to_klaviyo: ["ok", 176, 0, 0],
      customers_to_klaviyo: ["ok", 984, 0, 0],
      lapsed_buyers_to_google: ["ok", 95, 0, 0],
    },
  },
  {
    asOf: "2026-03-02T06:00:00Z",
    counts: {
      abandoned_carts_to_klaviyo: ["ok", 0, 0, 8],
      best_of_women_to_meta: unchanged,
      brand_fans_to_klaviyo: ["ok", 0, 0, 2],
      customers_to_klaviyo: unchanged,
      lapsed_buyers_to_google: ["ok", 3, 0, 0],
    },
  },
];
const b2b: readonly Day[] = [
  {
    asOf: "2003-01-15T06:00:00Z",
    counts: {
      accounts_to_salesforce: ["ok", 478, 0, 0],
      birthdays_to_hubspot: ["ok", 55, 0, 0],
      contacts_to_salesforce: ["ok", 1445, 0, 0],
      key_accounts_to_salesforce: ["ok", 150, 0, 0],
      leads_to_hubspot: ["ok", 183, 0, 0],
      quiet_contacts_to_hubspot: ["ok", 102, 0, 0],
    },
  },
  {
    asOf: "2003-02-01T06:00:00Z",
    counts: {
      accounts_to_salesforce: unchanged,
      birthdays_to_hubspot: ["ok", 58, 0, 55],
      contacts_to_salesforce: unchanged,
      key_accounts_to_salesforce: unchanged,
      leads_to_hubspot: ["ok", 0, 0, 1],
      quiet_contacts_to_hubspot: ["ok", 34, 0, 3],
    },
  },
];

where("bqemulator", [clients, programs.bqemulator], () =>
  example("thelook", theLook, async () => {
    const emulator = await startBigQuery("bqemulator");
    const { endpoint = "" } = emulator.options;
    // The public tables are in another project than the ledger, as they are at Google.
    const copy = await emulatedExample("thelook", { project: "${env:EMULATED_PROJECT}", endpoint }, clients);
    await copy.load(await emulator.open());
    return { copy, stop: () => emulator.stop() };
  }),
);

where("fakesnow", [driver, python], () =>
  example("b2b-snowflake", b2b, async () => {
    const emulator = await startFakesnow();
    const { endpoint } = emulator;
    const warehouse = await open(endpoint);
    const signIn = { account: "test", user: "millrace", password: "invented", endpoint };
    const copy = await emulatedExample("b2b-snowflake", signIn, driver);
    await warehouse.execute("CREATE DATABASE IF NOT EXISTS MILLRACE");
    await copy.load(warehouse);
    return {
      copy,
      async stop() {
        await warehouse.close();
        await emulator.stop();
      },
    };
  }),
);
