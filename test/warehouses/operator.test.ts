/** What operators do by the command line, where the ledger stands in DuckDB, BigQuery or Snowflake: the same answers everywhere. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunDocument } from "../../src/core.ts";
import type { StatusDocument } from "../../src/engine/api.ts";
import { where } from "./emulators/process.ts";
import { bqemulator, duckdb, fakesnow, type Place, type Started } from "./places.ts";
import { people, writeOperated } from "./operator-project.ts";
import { startShop, type Shop } from "./project.ts";
import { said } from "./said.ts";

/** An hour after the newest visit. */
const asOf = ["--vars", "as_of=2026-03-01T06:00:00Z"];

function operating({ name: place, type, start }: Place): void {
  let started: Started;
  let shop: Shop;
  beforeAll(async () => {
    started = await start();
    shop = await startShop(started);
    await writeOperated(shop, type);
  });
  afterAll(async () => {
    await shop.close();
    await started.stop();
  });

  /** Exit code and what was said; questions and lines of the log are left out. */
  const run = async (words: readonly string[], input = "") => {
    const { stdout, stderr, exit } = await shop.millrace(words, input);
    const errors = stderr.split("\n").filter((line) => line.startsWith("error["));
    return [exit, ...said(stdout), ...said(errors.join("\n"))].filter((line) => line !== "");
  };
  const document = async <T>(...words: readonly string[]): Promise<T> =>
    JSON.parse((await shop.millrace([...words, "--json"])).stdout) as T;
  const runs = async () => (await document<{ readonly runs: readonly RunDocument[] }>("runs")).runs;
  /** Sync, state, people held, people refused. */
  const status = async () =>
    (await document<StatusDocument>("status")).syncs.map((one) =>
      [one.sync, one.state, one.people, one.rejected].join(" "),
    );

  describe(place, { timeout: 600_000 }, () => {
    it("plan --out, which a source that is old stops, and sync --plan, once", async () => {
      const stale = await run(["plan", "vip_to_mail", "--vars", "as_of=2026-03-05T06:00:00Z"]);
      expect([stale[0], ...stale.filter((line) => /G7 "|stale/.test(String(line)))]).toEqual([
        3,
        '! vip -> mail  stopped by guard G7 "freshness"',
        "    stale sources: raw.visits › freshness",
      ]);
      const planned = await run(["plan", "-o", "plan.json", ...asOf]);
      // What is read is told where the warehouse tells bytes.
      expect(planned.filter((line) => !String(line).startsWith("Warehouse: "))).toEqual([
        0,
        `Plan PLAN · dev (${type}) · no git · 2 syncs, 1 audience`,
        "as of TIME",
        "Audiences  before  now  enter  leave",
        "~ vip  0  1  +1  -  (new)",
        "Destinations  add  update  remove  skip  ~calls",
        "+ customers -> hook  3  -  -  -  1",
        "+ vip -> mail  1  -  -  -  1",
        "Sample of customers -> hook (3 of 3, masked):",
        "       person  identifiers  because",
        "  add  P1  a•••@example.com  new",
        "  add  P2  b•••@example.com  new",
        "  add  P3  c•••@example.com  new",
        "Sample of vip -> mail (1 of 1, masked):",
        "       person  identifiers  because",
        "  add  P1  a•••@example.com  new",
        "Guards: 4 limits looked at, all ok",
        "Plan: 4 to add, 0 to update, 0 to remove. Nothing has been sent.",
        "Saved to plan.json (valid until the ledger or the configuration changes, at most until TIME)",
        "Next: millrace sync --plan plan.json",
      ]);
      shop.receiver.state.refuse.set("3", { code: "bad", message: "no such country" });
      shop.receiver.fail({ on: "/mail", applied: "reset" });
      const sync = ["sync", "--plan", "plan.json", "--yes", ...asOf];
      expect(await run([...sync, "--metrics-file", "figures.prom"])).toEqual([
        0,
        "Run RUN · dev · plan PLAN · partial · by ACTOR",
        "▲ customers -> hook  2 added  0 updated  0 removed  1 rejected  SECONDS",
        "▲ vip -> mail  0 added  0 updated  0 removed  0 rejected  SECONDS",
        "    1 row without an answer: in doubt, the next run settles them",
        "▲ 2 of 2 syncs done, in SECONDS",
        "  sent 2 · rejected 1 (33.3 %) · all_to_hook: 1 × no such country (bad)",
        "  millrace runs rejected RUN  see the 1 row and reasons",
        "  millrace status -e dev  overall health",
      ]);
      const figures = await readFile(path.join(shop.root, "figures.prom"), "utf8");
      expect(figures).toContain('millrace_source_freshness_seconds{source="raw.visits",environment="dev"} 3600\n');
      expect(await run(sync)).toEqual([6, expect.stringContaining("error[E605]")]);
    });

    it("runs and status", async () => {
      const [first] = await runs();
      const id = first?.run_id ?? "";
      expect(await run(["runs", "--sync", "vip_to_mail"])).toEqual([
        0,
        "run  started  status  syncs  sent  rejected  by",
        "RUN  TIME  partial  2  2  1  ACTOR",
        "Next: millrace runs show <run>",
      ]);
      expect((await run(["runs", "show", id.slice(-6)]))[1]).toBe("Run RUN · dev · plan PLAN · partial · by ACTOR");
      expect(await run(["runs", "rejected", id])).toEqual([
        0,
        "sync  person  op  attempts  code  the platform's words",
        "all_to_hook  P1  add  1  bad  no such country",
        "Next: millrace retry RUN",
      ]);
      expect(await status()).toEqual(["all_to_hook warning 2 1", "vip_to_mail warning 1 0"]);
    });

    it("explain person", async () => {
      expect(await run(["explain", "person", "--id", "1"])).toEqual([
        0,
        "Person P1 (a•••@example.com), as of TIME",
        "IN vip",
        "  ✔ all of",
        "    ✔ country is FR  country = FR",
        "    ✔ spent is at least 100  spent = 250",
        "  came in TIME (run RUN)",
        "What destinations hold",
        "  all_to_hook -> hook  holds the person  sent TIME (run RUN)",
        "    TIME  add accepted (run RUN)",
        "  vip_to_mail -> mail  held: nobody knows whether it was delivered (millrace resolve)  sent TIME (run RUN) as email b5•••72",
        "    TIME  add unknown (run RUN)",
      ]);
      expect(await run(["explain", "person", "--email-stdin"], " CY@example.com\n")).toEqual([
        0,
        "Person P1 (c•••@example.com), as of TIME",
        "OUT of vip",
        "  ✘ all of",
        "    ✘ country is FR  country = DE",
        "    ✔ spent is at least 100  spent = 900",
        "What destinations hold",
        "  all_to_hook -> hook  nothing was sent",
        "    rejected: no such country (bad), 1 attempt",
        "    TIME  add rejected (run RUN)",
        "  vip_to_mail -> mail  nothing was sent",
      ]);
    });

    it("resolve and retry", async () => {
      const [first] = await runs();
      shop.receiver.state.refuse.clear();
      expect(await run(["resolve", "vip_to_mail", "--lost", "--yes"])).toEqual([
        0,
        "1 held row of vip_to_mail settled as lost",
        "Next: millrace plan vip_to_mail",
      ]);
      const [exit, , hook, mail] = await run(["retry", first?.run_id ?? "", ...asOf]);
      expect([exit, hook, mail]).toEqual([
        0,
        "✔ customers -> hook  1 added  0 updated  0 removed  0 rejected  SECONDS",
        "✔ vip -> mail  0 added  1 updated  0 removed  0 rejected  SECONDS",
      ]);
      expect(await status()).toEqual(["all_to_hook ok 3 0", "vip_to_mail ok 1 0"]);
    });

    it("explain person and plan --against, once the model has the person no more", async () => {
      await shop.people(...people.slice(1));
      // The ledger holds the address hashed, as it was sent.
      const gone = await run(["explain", "person", "--email-stdin"], "Ada@example.com\n");
      expect(gone.slice(0, 3)).toEqual([0, "Person P1, as of TIME", "OUT of vip"]);
      expect((await run(["explain", "person", "--email-stdin"], "eve@example.com\n"))[1]).toMatch(/^Nobody/);
      const compared = await run(["plan", "--against", "plan.json", ...asOf]);
      expect(compared.slice(compared.indexOf("Against plan PLAN of TIME, what is different:") + 1, -1)).toEqual([
        "  audience  now  enter  leave",
        "  vip  -1  -1  +1",
        "  sync  add  update  remove",
        "  all_to_hook  -3  -  +1",
        "  vip_to_mail  -1  -  +1",
        "Plan: 0 to add, 0 to update, 2 to remove. Nothing has been sent.",
      ]);
    });

    it("state", async () => {
      const yes = ["--reason", "moved", "--yes"];
      expect(await run(["state", "lock"])).toEqual([0, "Nobody holds the lock of dev."]);
      expect((await run(["state", "export", "ledger.json"]))[0]).toBe(0);
      expect((await stat(path.join(shop.root, "ledger.json"))).mode & 0o777).toBe(0o600);
      expect(await run(["state", "import", "ledger.json", "--yes"])).toEqual([1, expect.stringContaining("E593")]);
      await shop.edit("models/models.yml", "vip_to_mail", "best_to_mail");
      expect(await run(["state", "mv", "vip_to_mail", "best_to_mail", "--yes"])).toEqual([
        0,
        "best_to_mail goes on with the ledger of vip_to_mail: 1 row",
        "Next: millrace plan best_to_mail",
      ]);
      expect((await run(["state", "recreate", "best_to_mail", ...yes]))[1]).toBe(
        "best_to_mail begins with an empty target: 1 row to look at again",
      );
      await shop.edit("destinations/mail.yml", "/mail", "/other");
      expect((await run(["state", "retarget", "best_to_mail", "--abandon", ...yes]))[1]).toMatch(
        /^The ledger of best_to_mail \(1 row\) is kept as vip_to_mail__abandoned_\d; the next run begins anew$/,
      );
      await shop.edit("destinations/hook.yml", "/in", "/other");
      expect((await run(["state", "retarget", "all_to_hook", "--drain", ...yes]))[1]).toBe(
        "Run RUN took 3 rows out of the old target of all_to_hook; its ledger is empty",
      );
      expect((await run(["sync", "--yes", ...asOf])).slice(1, 4)).toEqual([
        "Run RUN · dev · plan PLAN · ok · by ACTOR",
        "✔ customers -> hook  2 added  0 updated  0 removed  0 rejected  SECONDS",
        "= vip -> mail  unchanged",
      ]);
      expect(await run(["doctor"])).toEqual(
        expect.arrayContaining([
          0,
          expect.stringMatching(
            new RegExp(`^✔ warehouse  ${type}, (read ok|(database \\w+, )?signed in as \\w+), SECONDS$`),
          ),
          '✔ ledger  schema "millrace_shop", layout 1, 3 syncs known',
        ]),
      );
    });
  });
}

for (const place of [duckdb, bqemulator, fakesnow]) where(place.name, place.needs, () => operating(place));
