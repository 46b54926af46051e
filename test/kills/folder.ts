/** One project folder and its platform: changes, kills, clean runs, checks. */
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { randomOf, type Random } from "../simulation/random.ts";
import { differences, ledgerFaults, leftovers, unknownBatches } from "./check.ts";
import { runSync, traceSteps, type Kill, type Ran } from "./child.ts";
import { People } from "./people.ts";
import { startPlatform, type Platform } from "./platform.ts";
import { removeProject, writeProject, writeSeed } from "./project.ts";

export interface Trial {
  readonly kills: readonly string[];
  /** Runs that the signal really ended; the others had finished before. */
  readonly killed: number;
  /** Rows the webhook got again; each belonged to a batch without a recorded answer. */
  readonly repeated: number;
  readonly faults: readonly string[];
}

/** What one unkilled run with changes looks like; kill moments are drawn from it. */
interface Shape {
  readonly ms: number;
  readonly writes: number;
  readonly fileEvents: number;
  readonly steps: number;
}

export class Folder {
  readonly root: string;
  readonly #platform: Platform;
  readonly #random: Random;
  readonly #people: People;
  #shape: Shape = { ms: 3000, writes: 10, fileEvents: 200, steps: 400 };

  private constructor(root: string, platform: Platform, seed: number) {
    [this.root, this.#platform] = [root, platform];
    this.#random = randomOf(seed);
    this.#people = new People(this.#random, 300);
  }

  static async open(seed: number): Promise<Folder> {
    const platform = await startPlatform();
    const folder = new Folder(await writeProject(platform.url), platform, seed);
    await folder.#seed();
    await folder.#learn();
    return folder;
  }

  async close(): Promise<void> {
    await this.#platform.close();
    await removeProject(this.root);
  }

  /** How many steps a run with changes has. */
  get steps(): number {
    return this.#shape.steps;
  }

  /** Changes the data, kills one to three runs in a row, then runs clean twice and looks; once more, and nothing may be sent. */
  async trial(chosen?: Kill): Promise<Trial> {
    const faults: string[] = [];
    const allowed = new Set<string>();
    const kills: string[] = [];
    let killed = 0;
    let repeated = 0;
    const note = async (run: Ran, unknown: ReadonlySet<string>): Promise<void> => {
      for (const { batch, keys, redundant } of this.#platform.arrived) {
        const surplus = redundant.filter((key) => !allowed.has(key));
        if (surplus.length > 0) faults.push(`repeats of answered batches: ${surplus.slice(0, 5).join(", ")}`);
        repeated += redundant.length;
        if (unknown.has(batch)) for (const key of keys) allowed.add(key);
      }
      await appendFile(join(this.root, "kills.log"), `--- exit ${run.exit} killed ${run.killed}\n${run.output}\n`);
    };
    for (let again = true; again;) {
      this.#people.change();
      await this.#seed();
      const kill = chosen ?? this.#draw();
      const run = await runSync(this.root, this.#platform, kill, () => this.#random.int(8));
      if (run.killed) killed += 1;
      else if (run.exit !== 0) faults.push(`a run meant to be killed ended with ${run.exit}: ${run.output}`);
      kills.push(JSON.stringify(kill));
      await note(run, await unknownBatches(this.root));
      again = chosen === undefined && kills.length < 3 && this.#random.chance(0.25);
    }
    const runs: Ran[] = [];
    for (const turn of [1, 2]) {
      const run = await runSync(this.root, this.#platform, null);
      runs.push(run);
      await note(run, new Set());
      if (run.exit !== 0) faults.push(`clean run ${turn} ended with ${run.exit}: ${run.output}`);
    }
    faults.push(...(await differences(this.root, this.#platform, this.#people)));
    // A second run that sent nothing is the quiet run already: the third would be the same.
    if (runs[1]?.writes !== 0 || this.#random.chance(0.1)) {
      const third = await runSync(this.root, this.#platform, null);
      if (third.exit !== 0) faults.push(`the quiet run ended with ${third.exit}: ${third.output}`);
      if (third.writes > 0) faults.push(`the quiet run sent ${third.writes} requests`);
    }
    faults.push(...(await leftovers(this.root)), ...(await ledgerFaults(this.root, this.#people).catch(told)));
    return { kills, killed, repeated, faults };
  }

  async #seed(): Promise<void> {
    await writeSeed(this.root, this.#people.csv());
  }

  async #learn(): Promise<void> {
    const first = await runSync(this.root, this.#platform, null);
    if (first.exit !== 0) throw new Error(`the first run of all ended with ${first.exit}: ${first.output}`);
    this.#people.change();
    await this.#seed();
    const run = await runSync(this.root, this.#platform, null);
    this.#people.change();
    await this.#seed();
    const steps = await traceSteps(this.root, this.#platform);
    this.#shape = { ms: run.ms, writes: run.writes, fileEvents: run.fileEvents, steps: steps.length };
  }

  #draw(): Kill {
    const { int, chance, pick } = this.#random;
    const { ms, writes, fileEvents, steps } = this.#shape;
    if (chance(0.35)) return { by: "time", ms: int(Math.ceil(ms)) };
    if (chance(0.35)) return { by: "request", n: 1 + int(writes), moment: pick(["before", "after", "answered"]) };
    if (chance(0.3)) return { by: "file", n: 1 + int(fileEvents) };
    return { by: "step", n: 1 + int(steps), how: pick(["before", "during", "torn"]) };
  }
}

const told = (error: unknown): readonly string[] => [`the ledger cannot be read: ${String(error)}`];
