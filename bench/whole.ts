/** A whole run of 10 k rows, 1 % changed, as a process of its own; peers' figures stand beside it and are not gated. */
import { bench, atLeast, median, perSecond, amount, type Figure } from "./figure.ts";
import { runCommand, type Ran } from "./command.ts";
import { deltaProject, startReceiver } from "./project.ts";

await bench(async (size) => {
  const rows = size.quick ? 2_000 : 10_000;
  const receiver = await startReceiver();
  const runs: Ran[] = [];
  for (let round = 0; round < size.rounds; round += 1) {
    const made = await deltaProject(rows, receiver.url, 0.01);
    runs.push(await runCommand(made.root, ["sync"]));
    await made.close();
  }
  await receiver.close();
  const run = { wall: median(runs.map(({ wall }) => wall)), cpu: median(runs.map(({ cpu }) => cpu)) };
  const rate = rows / run.wall;
  return [
    {
      name: `whole run, ${rows.toLocaleString("en-US")} rows, 1 % changed`,
      measured: `${perSecond(rows, run)}, ${run.wall.toFixed(2)} s (cpu ${run.cpu.toFixed(2)} s)`,
      against: "",
      ratio: rate,
      floors: [atLeast(50_000)],
      note: `not gated; peers on the same kind of run: 53 rows/s (13 ms of CPU a row) and ${amount(3670)} rows/s (sync-engine.md)`,
    },
  ] satisfies readonly Figure[];
});
