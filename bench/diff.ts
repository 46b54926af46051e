/**
 * The diff of 10 M rows with a 2 % delta against a bare join of the keys, how it grows, what settling the delta and the
 * whole run cost beside it. One dataset, one run: every ratio is against what this machine does in the same minutes.
 */
import { existsSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import path from "node:path";
import { planTable, type DiffInput } from "../src/engine/diff.ts";
import { freezeDiff } from "../src/engine/freeze-diff.ts";
import { collectStale, restampStatement, restampTable } from "../src/engine/restamp.ts";
import { keyExpression } from "../src/engine/wanted.ts";
import { shapeOf } from "../src/engine/shape.ts";
import { sourceOf, type Workspace } from "../src/engine/workspace.ts";
import { ledgerPath } from "../src/models/session.ts";
import { sentTable } from "../src/ledger/tables.ts";
import { atMost, bench, medianOf, rounds, say, seconds, timed, type Figure, type Size, type Took } from "./figure.ts";
import { settledOnce } from "./settle.ts";
import { runCommand } from "./command.ts";
import { deltaProject, startReceiver, stateOf, type Bench } from "./project.ts";

interface Diffs {
  readonly bare: Took;
  readonly fast: Took;
  readonly stable: Took;
  readonly delta: number;
}

async function diffs(made: Bench, count: number): Promise<Diffs> {
  const workspace = await made.open("diff");
  const { warehouse, ferry } = workspace;
  const input = await diffInput(workspace, made);
  const bare = bareJoin(workspace, input);
  let delta = 0;
  const diff = async (tag: number): Promise<void> => {
    const plan = planTable(ferry.target, input.id);
    await freezeDiff(ferry, { ...input, tag });
    const [row] = await ferry.desk.rows(`SELECT count(*) AS rows FROM ${plan}`);
    delta = Number(row?.["rows"]);
    await ferry.desk.execute(`DROP TABLE ${plan}`);
  };
  const took = await rounds(count, {
    bare: () => warehouse.rows(bare),
    fast: () => diff(input.tag),
    // Another tag: the stored fast prints may not be compared, the stable ones are (R18).
    stable: () => diff(input.tag + 1),
  });
  await workspace.close();
  return { ...took, delta };
}

async function diffInput(workspace: Workspace, made: Bench): Promise<DiffInput> {
  const { ledger, ferry, warehouse } = workspace;
  const { query, columns } = sourceOf(workspace, made.sync);
  const { id } = stateOf(workspace, made);
  const [known] = await warehouse.rows(`SELECT max(h_tag) AS tag FROM ${sentTable(ledger, id)}`);
  const shape = shapeOf(made.project, made.sync, columns);
  return {
    ledger,
    id,
    shape,
    scratch: ferry.scratch,
    rows: `(${query})`,
    tag: Number(known?.["tag"]),
    refreshBefore: null,
    full: false,
    older: [],
  };
}

/** The floor of any diff by key: both sides' keys joined, those counted that only one side has. */
function bareJoin({ warehouse: { dialect } }: Workspace, { ledger, id, shape, rows }: DiffInput): string {
  const k = keyExpression(dialect, shape, (name) => dialect.quote(name));
  return `SELECT count(*) AS rows FROM (SELECT ${k} AS k FROM ${rows}) d FULL OUTER JOIN (SELECT k FROM ${sentTable(ledger, id)}) s ON d.k = s.k
WHERE d.k IS NULL OR s.k IS NULL`;
}

function diffFigures(rows: number, { bare, fast, stable, delta }: Diffs): readonly Figure[] {
  const name = `diff of ${rows.toLocaleString("en-US")} rows, ${delta.toLocaleString("en-US")} differ`;
  const against = `bare join ${seconds(bare)}`;
  return [
    {
      name: `${name}, fast print`,
      measured: seconds(fast),
      against,
      ratio: fast.wall / bare.wall,
      floors: [atMost(2.5)],
    },
    {
      name: `${name}, stable print`,
      measured: seconds(stable),
      against,
      ratio: stable.wall / bare.wall,
      floors: [atMost(5.5)],
    },
  ];
}

function growth(from: number, to: number, small: Diffs, large: Diffs): Figure {
  const ratio = large.fast.wall / small.fast.wall / (to / from);
  return {
    name: `growth of the diff, ${from.toLocaleString("en-US")} -> ${to.toLocaleString("en-US")} rows`,
    measured: `${small.fast.wall.toFixed(2)} s -> ${large.fast.wall.toFixed(2)} s`,
    against: "linear",
    ratio,
    floors: [atMost(1.2)],
  };
}

async function settleFigure(made: Bench, { stable }: Diffs, size: Size): Promise<Figure> {
  const took: Took[] = [];
  await withLedgerKept(made, size.rounds, async () => took.push(await settledOnce(made)));
  const settled = medianOf(took);
  return {
    name: "settle of that delta",
    measured: seconds(settled),
    against: `stable diff ${seconds(stable)}`,
    ratio: settled.wall / stable.wall,
    floors: [atMost(0.3, "sync-engine.md"), atMost(0.15, "decision 21")],
  };
}

/** What the first run after an upgrade of DuckDB does besides the stable diff: fast prints collected and rewritten (R18). */
async function restampFigure(made: Bench, { stable }: Diffs, size: Size): Promise<Figure> {
  const took: Took[] = [];
  let rows = 0;
  await withLedgerKept(made, size.rounds, async () => {
    const workspace = await made.open("restamp");
    const { warehouse, ferry } = workspace;
    const known = await diffInput(workspace, made);
    const input = { ...known, tag: known.tag + 1 };
    const work = async (): Promise<void> => {
      rows = await collectStale(ferry, input);
      await warehouse.script([
        restampStatement(input.ledger, restampTable(ferry.target, input.id), input.id, input.tag),
      ]);
    };
    took.push(await timed(work));
    await workspace.close();
  });
  const restamped = medianOf(took);
  return {
    name: `${rows.toLocaleString("en-US")} fast prints rewritten after an upgrade`,
    measured: seconds(restamped),
    against: `stable diff ${seconds(stable)}`,
    ratio: restamped.wall / stable.wall,
    floors: [],
    note: "once, besides that run's stable diff",
  };
}

async function wholeFigures(made: Bench, { stable }: Diffs, size: Size): Promise<readonly Figure[]> {
  const runs: (Took & { readonly peakMb: number })[] = [];
  await withLedgerKept(made, size.rounds, async () => runs.push(await runCommand(made.root, ["sync"])));
  const whole = medianOf(runs);
  const peak = Math.max(...runs.map(({ peakMb }) => peakMb)) / 1024;
  return [
    {
      name: "whole sync of that delta, loopback webhook",
      measured: seconds(whole),
      against: `stable diff ${seconds(stable)}`,
      ratio: whole.wall / stable.wall,
      floors: [atMost(1.5, "sync-engine.md"), atMost(1.3, "decision 21")],
    },
    { name: "  its peak memory", measured: `${peak.toFixed(2)} GB`, against: "", ratio: peak, floors: [atMost(2.5)] },
  ];
}

/** Does the work on the same ledger each time; without the memory of serials that would tell it was put back (R27). */
async function withLedgerKept(made: Bench, count: number, work: () => Promise<unknown>): Promise<void> {
  const ledger = ledgerPath(made.project) ?? "";
  const kept = path.join(made.root, "kept.duckdb");
  await copyWhole(ledger, kept);
  for (let round = 0; round < count; round += 1) {
    await work();
    await copyWhole(kept, ledger);
    await rm(ledger.replace(/\.duckdb$/, ".serials.json"), { force: true });
  }
  for (const name of [kept, `${kept}.wal`]) await rm(name, { force: true });
}

/** A DuckDB file with its log, which belongs to it: the target's own log goes. */
async function copyWhole(from: string, to: string): Promise<void> {
  await cp(from, to);
  await rm(`${to}.wal`, { force: true });
  if (existsSync(`${from}.wal`)) await cp(`${from}.wal`, `${to}.wal`);
}

await bench(async (size) => {
  const receiver = await startReceiver();
  const figures: Figure[] = [];
  say(`a shop of ${size.rows / 10} people`);
  const small = await deltaProject(size.rows / 10, receiver.url);
  const smallDiffs = await diffs(small, size.rounds);
  await small.close();
  say(`a shop of ${size.rows} people`);
  const large = await deltaProject(size.rows, receiver.url);
  say("its diffs");
  const largeDiffs = await diffs(large, size.rounds);
  figures.push(...diffFigures(size.rows, largeDiffs), growth(size.rows / 10, size.rows, smallDiffs, largeDiffs));
  figures.push(await restampFigure(large, largeDiffs, size));
  figures.push(await settleFigure(large, largeDiffs, size), ...(await wholeFigures(large, largeDiffs, size)));
  await large.close();
  if (size.full) {
    say(`a shop of ${size.rows * 5} people`);
    const huge = await deltaProject(size.rows * 5, receiver.url);
    figures.push(growth(size.rows, size.rows * 5, largeDiffs, await diffs(huge, 1)));
    await huge.close();
  }
  await receiver.close();
  return figures;
});
