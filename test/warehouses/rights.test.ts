/** What a run does in BigQuery or Snowflake, seen at the wire, is no more than what `millrace grants` prints allows. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessOf } from "../../src/models/access.ts";
import { grantsOf, grantWords } from "../../src/models/grants.ts";
import type { BigQuerySpec, SnowflakeSpec } from "../../src/project/project.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { clients, programs, startBigQuery } from "./emulators/bigquery.ts";
import { driver, open, python, startFakesnow } from "./emulators/fakesnow.ts";
import { where } from "./emulators/process.ts";
import { type Asked, tap, type Tap } from "./emulators/tap.ts";
import { openWorld, type World } from "./small-world.ts";

interface Started {
  readonly warehouse: Warehouse;
  readonly wire: Tap;
  readonly spec: BigQuerySpec | SnowflakeSpec;
  readonly top: string;
  readonly packages: string;
  stop(): Promise<void>;
}

/** Three parts in the quotes of either warehouse, in small letters. */
const relation = /(["`])([\w-]+)\1\.\1(\w+)\1\.\1(\w+)\1/g;
const writing =
  /\b(CREATE|DROP|TRUNCATE|ALTER)\b[^"`(]*\b(TABLE|VIEW)\b[^"`(]*$|\b(INSERT INTO|UPDATE|DELETE FROM|MERGE INTO)\s*$/i;

/** Each table that a statement names: `writes raw.people`. */
function done({ sql }: Asked): readonly string[] {
  return [...sql.matchAll(relation)].map(({ index, 2: top, 3: schema, 4: table }) => {
    const does = writing.test(sql.slice(0, index)) ? "writes" : "reads";
    return `${does} ${[top, schema, table].join(".").toLowerCase()}`;
  });
}

function rights(start: () => Promise<Started>): void {
  let started: Started;
  let world: World;

  beforeAll(async () => {
    started = await start();
    world = await openWorld(started.warehouse, started.top, started.packages);
  });
  afterAll(async () => {
    await world.close();
    await started.stop();
  });

  test("schemas that were made for it are not made anew, and every table is one that is granted", async () => {
    const { spec, top, wire, warehouse } = started;
    const access = accessOf(await world.project(), spec, top);
    const words = grantWords(spec, { to: "MILLRACE", connection: { project: top } });
    const made = grantsOf(access, words).filter(({ sql }) => sql.startsWith("CREATE SCHEMA"));
    expect(made.map(({ for: kind }) => kind)).toEqual(["ledger", "models", "scratch"]);
    for (const { sql } of made) await warehouse.execute(sql.replace(/;$/, ""));

    await world.people([1, "Ada", "FR"], [2, "Bo", "DE"]);
    await world.sync(spec);
    await world.people([1, "Ada", "DE"], [3, "Cy", "FR"]);
    const ran = await world.sync(spec);
    expect(ran.map(({ status }) => status)).toEqual(["ok", "ok", "ok"]);
    const asked = wire.take();
    expect(asked.filter(({ sql }) => /\b(CREATE|DROP|ALTER) SCHEMA\b/i.test(sql)).map(({ sql }) => sql)).toEqual([]);

    const own = access.own.filter(({ writes }) => writes).map(({ place }) => ` ${place.join(".")}.`);
    const read = access.reads.map(({ parts }) => `reads ${parts.join(".")}`);
    expect(read).toEqual([`reads ${top}.raw.people`]);
    const all = asked.flatMap(done);
    expect(new Set(all.map((each) => each.split(" ")[0]))).toEqual(new Set(["reads", "writes"]));
    expect(all.filter((each) => !read.includes(each) && !own.some((schema) => each.includes(schema)))).toEqual([]);
  });
}

where("bqemulator", [clients, programs.bqemulator], () =>
  rights(async () => {
    const emulator = await startBigQuery("bqemulator");
    const withoutEnd = (sql: string): string =>
      sql.replace(/( CLONE \S+) OPTIONS \(expiration_timestamp = .*\)$/, "$1");
    const wire = await tap(emulator.options.endpoint ?? "", { spoken: withoutEnd });
    return {
      warehouse: await emulator.open(),
      wire,
      spec: {
        type: "bigquery",
        connection: { project: "test-project", endpoint: wire.endpoint },
        ledger_schema: "millrace",
        model_schema: "millrace_models",
      },
      top: "test-project",
      packages: clients,
      async stop() {
        await wire.close();
        await emulator.stop();
      },
    };
  }),
);

where("fakesnow", [driver, python], () =>
  rights(async () => {
    const emulator = await startFakesnow();
    const wire = await tap(emulator.endpoint);
    const warehouse = await open(emulator.endpoint);
    return {
      warehouse,
      wire,
      spec: {
        type: "snowflake",
        connection: { account: "test", user: "millrace", password: "invented", endpoint: wire.endpoint },
        database: "analytics",
        ledger_schema: "millrace",
        model_schema: "millrace_models",
      },
      top: "analytics",
      packages: driver,
      async stop() {
        await warehouse.close();
        await wire.close();
        await emulator.stop();
      },
    };
  }),
);
