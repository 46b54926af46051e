/** The destination `postgres` against PostgreSQL of Debian's packages. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { checkDestination } from "../../src/engine/check.ts";
import { env, type Lab } from "../e2e/platforms/lab.ts";
import { killedSync, people, startProject } from "./project.ts";
import { describeWith, postgresBin, until } from "./servers/needs.ts";
import { password, type Postgres, startPostgres } from "./servers/postgres.ts";

const table = `CREATE TABLE crm."Contact" (
  "contact id" bigint PRIMARY KEY, email text UNIQUE CHECK (email LIKE '%@example.%'), name varchar(12), points numeric(12, 2),
  since date, tags text[], origin text NOT NULL DEFAULT 'shop', changed int NOT NULL DEFAULT 0);
CREATE FUNCTION crm.count_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.changed = OLD.changed + 1; RETURN NEW; END';
CREATE TRIGGER counted BEFORE UPDATE ON crm."Contact" FOR EACH ROW EXECUTE FUNCTION crm.count_change()`;

describeWith({ PostgreSQL: postgresBin() })("postgres", () => {
  let server: Postgres;
  let lab: Lab;
  beforeAll(async () => void (server = await startPostgres()));
  afterAll(() => server?.close());
  beforeEach(async () => {
    env.LAB_TOKEN = password;
    await server.query(`DROP SCHEMA IF EXISTS crm CASCADE; CREATE SCHEMA crm; ${table}`);
  });
  afterEach(() => lab?.close());

  async function start(more = "", mode = "mode: mirror\n    on_leave: delete"): Promise<void> {
    lab = await startProject(
      `type: postgres
credentials: { user: millrace, password: "\${env:LAB_TOKEN}" }
config: { host: 127.0.0.1, port: ${server.port}, database: shop, ssl: false, schema: crm, allow_private_network: true${more} }
retry: { attempts: 4, deadline: 10min }`,
      `object: record
    ${mode}
    remote: { table: Contact, key: "contact id" }
    nulls: clear
    mappings:
      - { to: email, from: email }
      - { to: name, from: name }
      - { to: points, from: points }`,
    );
  }
  const held = () =>
    server.query(`SELECT "contact id" AS id, email, name, points, origin, changed FROM crm."Contact" ORDER BY 1`);
  const row = (id: number, more: object = {}) => ({
    id: String(id),
    email: `p${id}@example.com`,
    name: `P${id}`,
    points: `${10 * id}.00`,
    origin: "shop",
    changed: "0",
    ...more,
  });

  it("adds, changes only what differs, removes, and then is quiet", async () => {
    await start();
    await server.query(`INSERT INTO crm."Contact" VALUES (3, 'p3@example.com', 'P3', 30)`);
    await lab.seed("people", people(1, 1100));
    expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 1100 } });
    expect(await held()).toEqual(people(1, 1100).map(({ id }) => row(Number(id))));
    expect((await lab.run("there")).status).toBe("unchanged");

    await lab.seed("people", [
      ...people(2, 1100, (id) => (id === 2 ? { points: 7, name: null } : {})),
      ...people(3001, 3001),
    ]);
    expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 3 } });
    const now = await held();
    expect(now[0]).toEqual(row(2, { points: "7.00", name: null, changed: "1" }));
    expect(now.slice(1)).toEqual([...people(3, 1100), ...people(3001, 3001)].map(({ id }) => row(Number(id))));
    expect((await lab.run("there")).status).toBe("unchanged");
  });

  it("writes back what somebody deleted, and takes the removal of what is gone", async () => {
    await start();
    await lab.seed("people", people(1, 3));
    await lab.run("there");
    await server.query(`DELETE FROM crm."Contact"`);
    await lab.seed(
      "people",
      people(1, 2, () => ({ points: 1 })),
    );
    expect(await lab.run("there")).toMatchObject({ status: "ok", outcomes: { accepted: 3 } });
    expect(await held()).toEqual([row(1, { points: "1.00" }), row(2, { points: "1.00" })]);
  });

  it("names the rows that a type or a constraint refuses, in the server's words, and writes the others", async () => {
    await start();
    const bad = {
      40: { email: "no address" },
      200: { name: "a name beyond twelve" },
      201: { email: "p1@example.com" },
    };
    await lab.seed(
      "people",
      people(1, 300, (id) => bad[id as keyof typeof bad] ?? {}),
    );
    const { document } = await lab.sync();
    expect(document.syncs[0]).toMatchObject({ status: "partial", outcomes: { accepted: 297, rejected: 3 } });
    expect((await held()).length).toBe(297);
    const told = (await lab.rejected(document.run_id)).map(({ code, message }) => `${code} ${message}`);
    expect(told.toSorted()).toEqual([
      "22001 value too long for type character varying(12)",
      '23505 duplicate key value violates unique constraint "Contact_email_key"',
      '23514 new row for relation "Contact" violates check constraint "Contact_email_check"',
    ]);
  });

  it("updates only what is there in mode update", async () => {
    await start("", "mode: update");
    await server.query(
      `INSERT INTO crm."Contact" VALUES (1, 'p1@example.com', 'old', 1), (3, 'p3@example.com', 'P3', 30)`,
    );
    await lab.seed("people", people(1, 3));
    expect(await lab.run("there")).toMatchObject({ outcomes: { accepted: 2, skipped: 1 } });
    expect(await held()).toEqual([row(1, { changed: "1" }), row(3)]);
  });

  /** Another program has the table for itself until the run sleeps. */
  async function lockTable(): Promise<void> {
    const other = await server.session();
    await other.query(`BEGIN; LOCK TABLE crm."Contact"`);
    lab.whileAsleep(async () => {
      lab.whileAsleep(async () => undefined);
      await other.close();
    });
  }
  const waiting = `FROM pg_stat_activity WHERE application_name = 'millrace' AND wait_event_type = 'Lock'`;

  it("tries again what waited too long for a lock", async () => {
    await start(", statement_timeout: 1");
    await lab.seed("people", people(1, 5));
    await lockTable();
    expect((await lab.run("there")).status).toBe("ok");
    expect((await held()).length).toBe(5);
  });

  it("sits out a connection that is cut before COMMIT: nothing is in doubt", async () => {
    await start();
    await lab.seed("people", people(1, 5));
    await lockTable();
    const running = lab.run("there");
    await until(async () => (await server.query(`SELECT 1 ${waiting}`)).length > 0);
    await server.query(`SELECT pg_terminate_backend(pid) ${waiting}`);
    expect(await running).toMatchObject({ status: "ok", outcomes: { accepted: 5 } });
    expect((await held()).length).toBe(5);
  });

  it("is right after a run that was killed in the middle of a batch", async () => {
    await start();
    await lab.seed("people", people(1, 1500));
    const other = await server.session();
    await other.query(`BEGIN; LOCK TABLE crm."Contact" IN SHARE MODE`);
    await killedSync(lab, env, async () => (await server.query(`SELECT 1 ${waiting}`)).length > 0);
    await other.query("ROLLBACK");
    await other.close();
    await lab.sync();
    await lab.sync();
    expect(await held()).toEqual(people(1, 1500).map(({ id }) => row(Number(id))));
    expect((await lab.run("there")).status).toBe("unchanged");
  });

  it.each([
    [
      "a column that is not there",
      `ALTER TABLE crm."Contact" DROP COLUMN points`,
      "E810",
      'column "points" of relation',
    ],
    [
      "no unique index",
      `ALTER TABLE crm."Contact" DROP CONSTRAINT "Contact_pkey"`,
      "E810",
      "no unique index on contact id",
    ],
    ["no table", `DROP TABLE crm."Contact"`, "E811", '"crm"."Contact" is not there'],
    [
      "a table that only admits reading",
      "ALTER DATABASE shop SET default_transaction_read_only = on",
      "E815",
      "read-only",
    ],
  ])("stops the sync for %s", async (_, damage, code, words) => {
    await start();
    await server.query(damage);
    await lab.seed("people", people(1, 3));
    const report = await lab.run("there");
    await server.query(
      "SET default_transaction_read_only = off; ALTER DATABASE shop RESET default_transaction_read_only",
    );
    expect(report).toMatchObject({ status: "failed", error: { code } });
    expect(report.error?.message).toContain(words);
  });

  it("says what is wrong with the account", async () => {
    await start();
    await lab.seed("people", people(1, 1));
    const told = async () => await checkDestination({ ...(await lab.options()), destination: "there" });
    expect(await told()).toEqual([{ ok: true, message: "shop on 127.0.0.1: logs in and may use schema crm" }]);
    env.LAB_TOKEN = "another password";
    expect((await told())[0]).toMatchObject({ ok: false, message: expect.stringContaining("28P01") });
    env.LAB_TOKEN = password;
    await lab.write(
      "destinations/there.yml",
      `destination: there
type: postgres
credentials: { user: millrace, password: "\${env:LAB_TOKEN}" }
config: { host: 127.0.0.1, port: ${server.port}, database: shop, allow_private_network: true }
`,
    );
    expect((await told())[0]).toMatchObject({ ok: false, message: expect.stringContaining("no encrypted connection") });
  });
});
