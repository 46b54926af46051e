/** One sync's way out during a run: its account, its remote target, its journal, its tally. */
import type { Diagnostic, Json, RunEvent } from "../core.ts";
import type { Context, Measured } from "../destination/index.ts";
import type { Lock } from "../ledger/lock.ts";
import { updateState } from "../ledger/state.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { Account } from "./account.ts";
import { deliver, endWell } from "./deliver.ts";
import type { FrozenPlan } from "./frozen.ts";
import type { Desk } from "./kept-plan.ts";
import { resolveLookups } from "./lookup.ts";
import { measureAgainMs } from "./measure.ts";
import type { SyncPlan } from "./plan-sync.ts";
import { ensureTarget, measuring, remoteConfigOf } from "./remote-target.ts";
import type { RenderContext } from "./render.ts";
import { planLength } from "./plan-size.ts";
import type { PlanSource } from "./rows.ts";
import type { Header, RunPlan } from "./run-store.ts";
import type { RunContext } from "./run-syncs.ts";
import type { SendContext, Stopped } from "./send-batch.ts";
import { Tally } from "./tally.ts";
import { renderSetting } from "./template.ts";
import { holdAccount } from "./whose-account.ts";
import type { Workspace } from "./workspace.ts";

/** What a destination stops with when the platform no longer knows what the sync writes to. */
const targetGone = "E811";

/** Rows that may be sent ahead of what is written durably: a few seconds' worth (R7). */
const horizonRows = 20_000;

/** Of a planned sync, what sending needs. */
export type DeliveredSync = Pick<SyncPlan, "sync" | "shape" | "state" | "ledger">;

export class Delivery {
  readonly plan: DeliveredSync;
  readonly tally = new Tally();
  readonly #run: RunContext;
  readonly #account: Account;
  readonly #context: Context<any>;
  readonly #jobs: ReadonlyMap<string, Json>;
  readonly #measuredAt: number | null;
  #horizon = -1;
  #raising: Promise<void> | null = null;
  render: RenderContext = { asOf: "", lookups: new Map() };
  stopped: Diagnostic | null = null;
  /** Time spent sending, milliseconds. */
  durationMs = 0;

  private constructor(
    run: RunContext,
    plan: DeliveredSync,
    account: Account,
    context: Context<any>,
    jobs: ReadonlyMap<string, Json>,
    measured: number | null,
  ) {
    this.#run = run;
    this.plan = plan;
    this.#account = account;
    this.#context = context;
    this.#jobs = jobs;
    this.#measuredAt = measured;
  }

  get requests(): number {
    return this.#account.line.stats.requests;
  }

  /** What the platform said of the target in this run. */
  get measured(): Measured | null {
    return this.#account.line.stats.measured;
  }

  get context(): Context<any> {
    return this.#context;
  }

  get line(): Account["line"] {
    return this.#account.line;
  }

  /**
   * Opens the account and finds or makes the remote target; its id is kept before anything is sent (R43). Where rows are to be
   * sent (`sends`) the platform says first whose account it is (R31).
   */
  static async open(
    run: RunContext,
    workspace: Workspace,
    plan: DeliveredSync,
    { sends }: { readonly sends: boolean },
  ): Promise<Delivery> {
    const { options, fence, runId, startedAt: at } = run;
    const { shape, state, ledger } = plan;
    const whose = sends ? await run.accounts.whose(shape.destination, run.force) : null;
    if (whose !== null) await holdAccount(whose, { ...workspace, plan, runId, at });
    const account = run.accounts.open(shape.destination);
    const base = {
      config: account.config,
      sync: plan.sync.name,
      runId: run.runId,
      environment: options.project.environment.name,
      remoteConfig: remoteConfigOf(shape.object, plan.sync.spec.remote),
      mode: plan.sync.spec.mode,
      asOf: workspace.asOf.ms,
      render: renderSetting,
      ...(account.line.sign === undefined ? {} : { sign: account.line.sign }),
    };
    const id = state.remoteId ?? (await ensureTarget(account, plan, base, run.force));
    if (id !== state.remoteId) {
      const held = { fence, openPlan: state.openPlan };
      await updateState(workspace.warehouse, ledger, state.id, held, { remote_id: id });
    }
    const jobs = workspace.known.jobs.get(state.id) ?? new Map();
    const measured = workspace.known.measuredAt.get(state.id) ?? null;
    return new Delivery(run, plan, account, { ...base, remote: { id } }, jobs, measured);
  }

  /** Before the plan is opened in the ledger. */
  async startJournal(frozen: FrozenPlan, desk: Desk): Promise<void> {
    await this.#run.store.start(...this.#journal(frozen), desk);
  }

  /** Whose it is, and its header. */
  #journal({ id, plan, sync }: FrozenPlan): readonly [RunPlan, Header] {
    const { runId, fence } = this.#run;
    return [
      { runId, id },
      { plan, sync, fence, serial: this.plan.state.serial },
    ];
  }

  /** Sends the frozen plan; `stopped` says why not all of it. A journal or lock that fails is thrown. */
  async send(planned: PlanSource, warehouse: Warehouse, target: string, frozen: FrozenPlan): Promise<void> {
    const { options, lock, signal, force } = this.#run;
    const started = options.ports.clock.monotonic();
    const source: PlanSource = { ...planned, warehouse, target };
    const journal = await this.#run.store.open(...this.#journal(frozen), frozen);
    const total = await planLength(source);
    this.render = {
      asOf: frozen.asOf,
      lookups: await resolveLookups(source, this.plan.shape, this.#context, this.#account.line, signal),
    };
    let shut = false;
    const send: SendContext = {
      plan: frozen.plan,
      shape: this.plan.shape,
      context: this.#context,
      line: this.#account.line,
      journal,
      clock: options.ports.clock,
      tally: this.tally,
      signal,
      force,
      horizon: async (seq) => {
        if (lock === null) return;
        while (seq > this.#horizon) await this.#raise(lock, frozen, seq);
      },
      maySend: () => lock === null || !lock.mustStop(),
      gate: { isOpen: () => !shut && !signal.aborted, shut: () => void (shut = true) },
      checkpointOf: (digest) => this.#jobs.get(digest),
    };
    try {
      const { stopped, replaced } = await deliver({
        source,
        send,
        render: this.render,
        retry: frozen.retry,
        deliveredAt: frozen.deliveredAt,
        onProgress: (done) =>
          this.#tell({ event: "sync.progress", level: "info", fields: { sync: frozen.sync, done, of: total } }),
      });
      if (stopped !== null) this.stopped = this.#told(stopped);
      await this.#finish();
      if (this.stopped === null && !signal.aborted) {
        await endWell(send, replaced);
        await this.#measure();
      }
      this.durationMs = options.ports.clock.monotonic() - started;
    } finally {
      await journal.close();
    }
  }

  /** Raises the horizon above a row, once for all batches that ask meanwhile. */
  #raise(lock: Lock, { sync, plan }: FrozenPlan, seq: number): Promise<void> {
    this.#raising ??= lock
      .setHorizon(sync, plan, seq + horizonRows)
      .then((granted) => void (this.#horizon = granted))
      .finally(() => void (this.#raising = null));
    return this.#raising;
  }

  #told(stopped: Stopped): Diagnostic {
    const { sync } = this.plan;
    const again = `if it is to be made and filled again: \`millrace state recreate ${sync.name} --reason TEXT\``;
    const hint = stopped.code === targetGone ? { hint: [stopped.hint, again].filter(Boolean).join("; ") } : {};
    return { severity: "error", at: sync.at(["destination"]), ...stopped, ...hint };
  }

  /** Closes what the destination keeps open over a run: files renamed, manifests written. */
  async #finish(): Promise<void> {
    const { object } = this.plan.shape;
    if (object.finish === undefined) return;
    const rejected = this.tally.refusals.reduce((sum, { count }) => sum + count, 0);
    const exchange = object.finish(this.#context, { accepted: { ...this.tally.byOp }, rejected });
    const ended = await this.#account.line.converse(exchange, { once: false, signal: this.#run.force });
    if (ended.status === "failed") {
      this.stopped ??= {
        code: ended.code,
        severity: "error",
        message: ended.message,
        ...(ended.hint === undefined ? {} : { hint: ended.hint }),
      };
    }
  }

  /** The end of a run that had nothing to send. */
  async finishQuiet(): Promise<void> {
    await this.#finish();
    const since = this.#run.options.ports.clock.now() - (this.#measuredAt ?? Number.NEGATIVE_INFINITY);
    if (this.stopped === null && since >= measureAgainMs) await this.#measure();
  }

  /** Asks how large the target is; a platform that does not answer costs nothing but the figure. */
  async #measure(): Promise<void> {
    const { object } = this.plan.shape;
    if (object.measure === undefined) return;
    const { line } = this.#account;
    const ended = await line.converse(measuring(object.measure(this.#context)), {
      once: false,
      signal: this.#run.force,
    });
    if (ended.status === "answered") return;
    this.#tell({
      event: "sync.not_measured",
      level: "info",
      fields: { sync: this.plan.sync.name, status: ended.status },
    });
  }

  #tell(event: RunEvent): void {
    this.#run.options.onEvent(event);
  }
}
