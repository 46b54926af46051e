/**
 * `npm run kills -- --kills 200 [--seed N] [--folders 2] [--keep]`: real processes killed with SIGKILL at random moments, at requests,
 * at file events and at steps; after two clean runs every platform must be right and the next run must send nothing.
 * `--every [--from N]` kills at every step of a run instead, before it, during it and with a torn write (hours, not for CI).
 */
import { parseArgs } from "node:util";
import type { Kill } from "./child.ts";
import { Folder, type Trial } from "./folder.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    folders: { type: "string", default: "2" },
    every: { type: "boolean", default: false },
    from: { type: "string", default: "1" },
    stride: { type: "string", default: "1" },
    keep: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const wanted = Number(values.kills);
const started = performance.now();
const say = (line: string): void => void process.stdout.write(`${line}\n`);

let passed = 0;
let failed = 0;
let killed = 0;
let repeated = 0;
let begun = 0;

/** The next kill for `--every`: step by step, three ways. */
function* steps(last: number): Generator<Kill> {
  for (let n = Number(values.from); n <= last; n += Number(values.stride)) {
    for (const how of ["before", "during", "torn"] as const) yield { by: "step", n, how };
  }
}

async function work(number: number): Promise<void> {
  let folder = await Folder.open(seed * 100 + number);
  const listed = values.every ? steps(folder.steps) : null;
  let place = 0;
  const next = (): Kill | null | undefined => {
    if (listed === null) return begun < wanted ? undefined : null;
    for (;;) {
      const { value, done } = listed.next();
      if (done === true) return null;
      place += 1;
      if (place % Number(values.folders) === number) return value;
    }
  };
  for (let kill = next(); kill !== null; kill = next()) {
    begun += 1;
    const trial = await folder.trial(kill);
    begun += trial.kills.length - 1;
    count(folder, trial);
    if (trial.faults.length === 0) continue;
    // What went wrong stays to be looked at; the next trial starts afresh.
    if (!values.keep) await folder.close();
    folder = await Folder.open(seed * 100 + number + 1000 * failed);
  }
  await folder.close();
}

function count(folder: Folder, trial: Trial): void {
  const all = trial.kills.length;
  killed += trial.killed;
  repeated += trial.repeated;
  if (trial.faults.length === 0) passed += all;
  else failed += all;
  if (trial.faults.length > 0) {
    say(`FAILED in ${folder.root} after ${trial.kills.join(" then ")}`);
    for (const fault of trial.faults) say(`  ${fault.replaceAll("\n", "\n    ")}`);
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  if ((passed + failed) % 20 < all) say(`${passed + failed} kills after ${seconds} s`);
}

say(`seed ${seed}`);
await Promise.all(Array.from({ length: Number(values.folders) }, (_, number) => work(number)));
const seconds = Math.round((performance.now() - started) / 1000);
say(
  `${killed} runs were really killed, ${repeated} rows came again, all of unanswered batches; ${seconds} s, seed ${seed}`,
);
say(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
