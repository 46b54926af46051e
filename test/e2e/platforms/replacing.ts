/** A Meta audience that every run replaces, two people a request, on a clock that is moved, in a process that can be killed. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SentIdentifier, SyncedSync } from "../../../src/core.ts";
import { exportState } from "../../../src/engine/index.ts";
import type { SyncOptions } from "../../../src/engine/api.ts";
import type { Project } from "../../../src/project/project.ts";
import { startFakeMeta, type MetaState } from "../../fakes/meta.ts";
import type { Fake, FakeRequest } from "../../fakes/server.ts";
import { env, openLab, writes, type Lab } from "./lab.ts";
import { rowOf, type Person } from "./people.ts";
import type { Platform } from "./platform.ts";
import { platforms, startPlatforms } from "./platforms.ts";

const meta = platforms.find(({ name }) => name === "meta_audience") as Platform;

/** Killed while a request is under way, before or after the platform took it. */
export interface Kill {
  /** Which request to `usersreplace` of the run, from 1; `end`: the one behind them, by which the run measures the audience. */
  readonly at: number | "end";
  readonly taken: boolean;
}

export class Replacing {
  readonly fake: Fake<MetaState>;
  lab: Lab;
  /** The last run was killed, so that its plan is still open. */
  killed = false;
  #past = 0;
  #arrived = 0;
  #onArrival: ((request: FakeRequest, number: number) => boolean) | null = null;
  #onMeasure: (() => void) | null = null;

  private constructor(fake: Fake<MetaState>, lab: Lab) {
    this.fake = fake;
    this.lab = lab;
  }

  /** `late`: how long an unanswered request may still take effect; as Meta says without. */
  static async start(late: string): Promise<Replacing> {
    const options = {
      token: env.LAB_TOKEN,
      now: () => Date.now() + world.#past,
      onArrival: (request: FakeRequest) => (world.#arrives(request) ? null : { status: 400, body: {} }),
    };
    const fake = await startFakeMeta(options);
    const destination = (url: string) =>
      meta
        .destination(url)
        .replace("act_1", "act_1, audience_writes: replace")
        .replace("late: 0s\n", late === "" ? "" : `late: ${late}\n`);
    const lab = await startPlatforms([{ platform: { ...meta, destination }, url: fake.url }]);
    const world: Replacing = new Replacing(fake, lab);
    return world;
  }

  #arrives(request: FakeRequest): boolean {
    if (request.path.includes("approximate_count")) this.#onMeasure?.();
    if (!request.path.includes("/usersreplace")) return true;
    this.#arrived += 1;
    return this.#onArrival?.(request, this.#arrived) ?? true;
  }

  want(people: readonly Person[]): Promise<void> {
    return this.lab.seed("people", people.map(rowOf), ["id", "email", "phone", "name", "points"]);
  }

  /** Runs once; `arriving` is told of each request of a session and says whether it gets through. */
  async run(
    arriving: ((request: FakeRequest, number: number) => boolean) | null = null,
    more: Partial<SyncOptions> = {},
  ): Promise<SyncedSync> {
    this.killed = false;
    this.#arrived = 0;
    this.#onArrival = arriving;
    const { project } = await this.lab.options();
    return this.lab.run(meta.name, { project: small(project), ...more }).finally(() => (this.#onArrival = null));
  }

  /** Runs until the process is killed, if it comes to that, and goes on in another one on what that one left behind. */
  async runKilled({ at, taken }: Kill, more: Partial<SyncOptions> = {}): Promise<void> {
    let copy: string | null = null;
    const die = (): void => {
      copy = mkdtempSync(join(tmpdir(), "millrace-lab-"));
      cpSync(this.lab.root, copy, { recursive: true });
      rmSync(join(copy, ".millrace", "dev.lock"), { force: true });
    };
    this.#onMeasure = at === "end" ? die : null;
    await this.run((_, number) => {
      if (copy !== null) return false;
      if (number !== at) return true;
      die();
      return taken;
    }, more);
    this.#onMeasure = null;
    if (copy === null) return;
    this.killed = true;
    await this.lab.close();
    const slept = this.lab.slept();
    this.lab = openLab(copy);
    this.lab.pass(this.#past + slept);
  }

  /** Of the destination. */
  yaml = (): Promise<string> => readFile(join(this.lab.root, `destinations/${meta.name}.yml`), "utf8");

  pass(minutes: number): void {
    this.#past += minutes * 60_000;
    this.lab.pass(minutes * 60_000);
  }

  /** A request that was under way is taken now. */
  async arrive({ path, text }: Pick<FakeRequest, "path" | "text">): Promise<void> {
    const headers = { "content-type": "application/json", authorization: `Bearer ${env.LAB_TOKEN}` };
    await fetch(this.fake.url + path, { method: "POST", headers, body: text });
  }

  /** `METHOD /path` of what was written since. */
  writes = (from: number): readonly string[] => writes(this.fake, from);

  /** What the platform holds, `EMAIL:<hash>` and the like. */
  members = (): ReadonlySet<string> => this.fake.state.audiences[0]?.members ?? new Set();

  desired = (people: readonly Person[]): unknown => meta.desired(people, people);
  held = (): unknown => meta.held(this.fake);

  /** The ledger's rows: state, whether the content is known, identifiers as the platform would hold them. */
  async rows(): Promise<readonly { readonly k: string; readonly sure: boolean; readonly ids: readonly string[] }[]> {
    const { tables } = await exportState(await this.lab.options());
    const sent = tables.find(({ name }) => name === `sent__${meta.name}`);
    const cell = (row: readonly (string | null)[], name: string): string | null =>
      row[sent?.columns.indexOf(name) ?? -1] ?? null;
    return (sent?.rows ?? []).map((row) => ({
      k: cell(row, "k") ?? "",
      sure: cell(row, "state") === "ok" && cell(row, "h") !== null,
      ids: (JSON.parse(cell(row, "ids") ?? "[]") as readonly SentIdentifier[]).map(
        ({ kind, value }) => `${kind.toUpperCase()}:${value}`,
      ),
    }));
  }

  async close(): Promise<void> {
    await this.lab.close();
    await this.fake.close();
  }
}

/** The project with a Meta that takes two people a request. */
function small(project: Project): Project {
  const destinations = new Map(
    [...project.destinations].map(([name, destination]) => {
      const { audience, ...others } = destination.definition.objects;
      const objects = { ...others, audience: { ...audience!, limits: { rows: 2, concurrency: 1 } } };
      return [name, { ...destination, definition: { ...destination.definition, objects } }] as const;
    }),
  );
  return { ...project, destinations };
}
