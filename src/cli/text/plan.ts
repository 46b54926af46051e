/** A plan as text: what would change, per audience and destination, before anything is sent. */
import type { PlanDocument, PlannedAudience, PlannedSync } from "../../core.ts";
import { againstLines, type Against } from "../plan-against.ts";
import { amount, bytes, count, countOrDash, growth, signed } from "../figures.ts";
import { table, type TableColumn } from "../table.ts";
import type { Paint } from "../terminal.ts";
import { changesLines, type ProjectChanges } from "./changes.ts";
import { guardLines, stopLines } from "./guards.ts";

export interface PlanTextOptions {
  readonly paint: Paint;
  /** Rows of the sample shown per sync. */
  readonly sampleRows: number;
  /** Sync -> label such as `high_value_fr -> meta_ads`. */
  readonly label: (sync: PlannedSync) => string;
  /** Where the warehouse is: `duckdb`. */
  readonly warehouse: string;
  /** File the plan was saved to. */
  readonly savedTo?: string;
  readonly changes?: ProjectChanges;
  readonly against?: Against;
  /** Say what the data costs also where it costs nothing. */
  readonly cost?: boolean;
  /** The command that comes next. */
  readonly next: string;
}

/** Short form of a plan id; any unique prefix is accepted. */
export function shortPlan(id: string): string {
  return id.slice(0, 6);
}

export function planText(plan: PlanDocument, options: PlanTextOptions): string {
  const { paint } = options;
  const sections: (readonly string[])[] = [
    [paint("bold", headline(plan, options.warehouse))],
    options.changes === undefined ? [] : changesLines(options.changes, paint),
    audienceLines(plan.audiences, paint),
    syncLines(plan, options),
    ...plan.syncs.filter((sync) => sync.status === "stopped").map((sync) => stopLines(sync, options, plan.environment)),
    ...plan.syncs.map((sync) => sampleLines(sync, options)),
    notSendable(plan.syncs),
    guardLines(plan.syncs),
    withoutSyncLines(plan),
    costLines(plan.syncs, options),
    options.against === undefined ? [] : againstLines(options.against, paint),
    endLines(plan, options),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function headline(plan: PlanDocument, warehouse: string): string {
  const git =
    plan.git === null
      ? "no git"
      : `git ${plan.git.sha.slice(0, 7)} on ${plan.git.branch}, ${plan.git.dirty ? "changed files" : "clean"}`;
  const counts = `${amount(plan.syncs.length, "sync")}, ${amount(plan.audiences.length, "audience")}`;
  return `Plan ${shortPlan(plan.id)} · ${plan.environment} (${warehouse}) · ${git} · ${counts}\nas of ${plan.as_of}`;
}

function audienceLines(audiences: readonly PlannedAudience[], paint: Paint): readonly string[] {
  if (audiences.length === 0) return [];
  const rows = audiences.map((audience) => {
    const moved = audience.enter + audience.leave > 0;
    const name = `${moved ? "~" : " "} ${audience.name}`;
    const change = growth(audience.before, audience.now);
    return [
      name,
      count(audience.before),
      count(audience.now),
      signed(audience.enter),
      signed(-audience.leave),
      change === "" ? "" : `(${change})`,
    ];
  });
  const [head = "", ...lines] = table(
    [
      { title: "Audiences" },
      { title: "before", align: "right" },
      { title: "now", align: "right" },
      { title: "enter", align: "right" },
      { title: "leave", align: "right" },
      { title: "" },
    ],
    rows,
  );
  return [
    paint("bold", head),
    ...lines.flatMap((line, index) => [symbolColoured(line, paint), ...editNote(audiences[index]!)]),
  ];
}

/** `your edit moves 9,870 (+9,800 -70), the data moves 310 (+300 -10)`; nothing without an edit. */
function editNote({ enter, leave, enter_by_edit, leave_by_edit }: PlannedAudience): readonly string[] {
  if (enter_by_edit === undefined || leave_by_edit === undefined) return [];
  const moved = (who: string, entering: number, leaving: number): string =>
    entering + leaving === 0
      ? `${who} moves nobody`
      : `${who} moves ${count(entering + leaving)} (${[signed(entering), signed(-leaving)].filter((one) => one !== "-").join(" ")})`;
  const edit = moved("your edit", enter_by_edit, leave_by_edit);
  return [`      ${edit}, ${moved("the data", enter - enter_by_edit, leave - leave_by_edit)}`];
}

function syncLines(plan: PlanDocument, options: PlanTextOptions): readonly string[] {
  const { syncs } = plan;
  if (syncs.length === 0) return [];
  const rows = syncs.map((sync) => {
    const label = `${symbol(sync, plan.bases[sync.sync] ?? 0)} ${options.label(sync)}`;
    if (sync.status === "unchanged") return [label, "-", "-", "-", countOrDash(skippedOf(sync)), "-"];
    const { add, update, remove } = sync.planned;
    return [
      label,
      countOrDash(add),
      countOrDash(update),
      countOrDash(remove),
      countOrDash(skippedOf(sync)),
      countOrDash(sync.requests_estimate),
    ];
  });
  const lines = table(
    [{ title: "Destinations" }, right("add"), right("update"), right("remove"), right("skip"), right("~calls")],
    rows,
  );
  const [head = "", ...below] = lines;
  return [
    options.paint("bold", head),
    ...below.flatMap((line, index) => [symbolColoured(line, options.paint)].concat(syncNotes(syncs[index]!))),
  ];
}

function right(title: string): TableColumn {
  return { title, align: "right" };
}

function syncNotes(sync: PlannedSync): string[] {
  const notes: string[] = [];
  if (sync.status === "unchanged") notes.push("no change to send");
  if (sync.in_doubt > 0) notes.push(`${amount(sync.in_doubt, "row")} in doubt from an earlier run, sent again`);
  if (sync.retrying > 0) notes.push(`${amount(sync.retrying, "row")} tried again after a rejection`);
  if (sync.remapped > 0) notes.push(`${amount(sync.remapped, "row")} under a new mapping`);
  return notes.map((note) => `      ${note}`);
}

/** `+` never sent before, `~` changed, `=` nothing to do, `!` stopped. */
function symbol(sync: PlannedSync, base: number): string {
  if (sync.status === "stopped") return "!";
  if (sync.status === "unchanged") return "=";
  return base === 0 ? "+" : "~";
}

function skippedOf(sync: PlannedSync): number {
  return sync.skipped.reduce((sum, { count: rows }) => sum + rows, 0);
}

function symbolColoured(line: string, paint: Paint): string {
  const colours = { "+": "green", "~": "yellow", "-": "red", "!": "red", "=": "dim" } as const;
  const colour = colours[line.slice(0, 1) as keyof typeof colours];
  return colour === undefined ? line : paint(colour, line.slice(0, 1)) + line.slice(1);
}

function sampleLines(sync: PlannedSync, options: PlanTextOptions): readonly string[] {
  const rows = sync.sample.slice(0, options.sampleRows);
  if (rows.length === 0) return [];
  const total = sync.planned.add + sync.planned.update + sync.planned.remove;
  const lines = table(
    [{ title: "" }, { title: "person" }, { title: "identifiers" }, { title: "because" }],
    rows.map((row) => [row.op, row.person, Object.values(row.identifiers).join(" "), row.because]),
    "  ",
  );
  return [`Sample of ${options.label(sync)} (${rows.length} of ${count(total)}, masked):`, ...lines];
}

function notSendable(syncs: readonly PlannedSync[]): readonly string[] {
  return syncs
    .filter((sync) => skippedOf(sync) > 0)
    .map((sync) => {
      const reasons = sync.skipped
        .map(({ reason, count: rows }) => `${count(rows)} ${reason.replaceAll("_", " ")}`)
        .join(", ");
      return `Not sendable: ${amount(skippedOf(sync), "person", "people")} in ${sync.sync} (${reasons})`;
    });
}

/** One line a ledger, and what can be done about those that nobody put aside. */
function withoutSyncLines({ ledgers_without_sync: ledgers = [], environment }: PlanDocument): readonly string[] {
  if (ledgers.length === 0) return [];
  const lines = ledgers.map(
    ({ ledger, target, people, abandoned }) =>
      `  ${ledger}: ${amount(people, "row")} at ${target}${abandoned ? ", put aside" : ""}`,
  );
  const open = ledgers.find(({ abandoned }) => !abandoned);
  const state = "millrace state";
  const flag = `-e ${environment}`;
  const next =
    open === undefined
      ? []
      : [
          `  renamed: ${state} mv ${open.ledger} NEW_NAME ${flag} · given up: ${state} retarget ${open.ledger} --abandon --reason TEXT ${flag}`,
        ];
  return ["Ledgers without a sync (nobody is taken out there any more):", ...lines, ...next];
}

function costLines(syncs: readonly PlannedSync[], options: PlanTextOptions): readonly string[] {
  const costs = syncs.flatMap((sync) => (sync.cost === null ? [] : [sync.cost]));
  if (costs.length === 0) {
    if (options.cost !== true) return [];
    const own = options.warehouse === "duckdb";
    return [
      own
        ? `Warehouse: ${options.warehouse} reads its own files, which costs nothing`
        : `Warehouse: ${options.warehouse} has not said what reading costs`,
    ];
  }
  const scanned = costs.reduce((sum, cost) => sum + cost.bytes, 0);
  const usd = costs.reduce((sum, cost) => sum + cost.usd, 0);
  return [`Warehouse: ${bytes(scanned)} scanned (about $${usd.toFixed(2)})`];
}

function endLines(plan: PlanDocument, options: PlanTextOptions): readonly string[] {
  const total = planTotals(plan);
  const stopped = plan.syncs.filter((sync) => sync.status === "stopped").length;
  const lines = plan.changes
    ? [
        `Plan: ${count(total.add)} to add, ${count(total.update)} to update, ${count(total.remove)} to remove. Nothing has been sent.`,
      ]
    : [
        stopped === 0
          ? "Plan: nothing to send."
          : `Plan: nothing would be sent; ${amount(stopped, "sync")} stopped, see above.`,
      ];
  if (options.savedTo !== undefined) {
    lines.push(
      `Saved to ${options.savedTo} (valid until the ledger or the configuration changes${plan.expires_at === null ? "" : `, at most until ${plan.expires_at}`})`,
    );
  }
  return [...lines, `Next: ${options.next}`];
}

/** Sums over the syncs that would be sent. */
export function planTotals(plan: PlanDocument): {
  readonly add: number;
  readonly update: number;
  readonly remove: number;
  readonly skipped: number;
} {
  const sent = plan.syncs.filter((sync) => sync.status !== "stopped");
  const sum = (of: (sync: PlannedSync) => number): number => sent.reduce((total, sync) => total + of(sync), 0);
  return {
    add: sum((sync) => sync.planned.add),
    update: sum((sync) => sync.planned.update),
    remove: sum((sync) => sync.planned.remove),
    skipped: sum(skippedOf),
  };
}
