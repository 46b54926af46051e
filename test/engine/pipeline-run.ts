/** The real pipeline over a world in DuckDB, from difference to closed ledger, and the same by the pure rules. */
import { createHash } from "node:crypto";
import type { SentIdentifier } from "../../src/core.ts";
import { closePlan, openPlan } from "../../src/engine/close.ts";
import { freezeDiff } from "../../src/engine/freeze-diff.ts";
import type { FrozenPlan } from "../../src/engine/frozen.ts";
import { net } from "../../src/engine/netting.ts";
import { prepare, recall, rememberDoubts } from "../../src/engine/prepare.ts";
import type { DeliveryRecord } from "../../src/engine/records.ts";
import { partKinds, requestsOf } from "../../src/engine/requests.ts";
import { readPlan, type PlanSource } from "../../src/engine/rows.ts";
import { settle, type SettleOptions } from "../../src/engine/settle.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { fileVerdicts } from "../../src/engine/verdicts.ts";
import { fastPrint, stablePrint } from "../../src/engine/wanted.ts";
import { identifierKey, type LedgerRow, type Rejection, type Verdict, type Wanted } from "../../src/ledger/rules.ts";
import { createState } from "../../src/ledger/state.ts";
import { rejectionsTable, sentTable, syncColumns, type Ledger } from "../../src/ledger/tables.ts";
import { wordsOf } from "../../src/ledger/words.ts";
import type { Ferry } from "../../src/warehouse/ferry.ts";
import type { Warehouse } from "../../src/warehouse/warehouse.ts";
import { identifiersOf, now, rejectionOf, type WorldSpec } from "./pipeline-world.ts";

export const target = `"memory"."main"`;
const tag = 4_242;
export const sentAt = now - 10_000;

export const ledgerOf = (warehouse: Warehouse): Ledger => ({
  dialect: warehouse.dialect,
  schema: ["memory", "millrace"],
});

/** Where a world stands: its model and ledger in the ferry's warehouse, the run's tables at its desk. */
export interface Place {
  readonly ferry: Ferry;
  readonly ledger: Ledger;
}

const modelOf = ({ ferry }: Place, id: string): string => ferry.scratch(`model__${id}`);

export function shapeOfWorld({ policy, identify }: Pick<WorldSpec, "policy" | "identify">): Shape {
  const column = (name: string) => ({ name, type: "VARCHAR", family: "text" as const });
  const identifier = {
    describe: "",
    normalize: (raw: string) => raw.toLowerCase(),
    version: 1,
  };
  const kinds = identify === "key" ? [] : ["email", "phone"];
  return {
    sync: {
      name: "s",
      spec: { name: "s", nulls: "omit", mappings: [] } as never,
      file: "",
      at: () => ({ file: "", line: 1, column: 1 }),
    },
    destination: undefined as never,
    object: {
      describe: "",
      kind: policy.kind,
      ops: ["add", "update", "remove"],
      delivery: policy.delivery,
      identify,
      identifiers: Object.fromEntries(kinds.map((kind) => [kind, identifier])),
      fields: {},
      openFields: { describe: "", encode: (value) => ({ value }) },
      limits: { rows: 10 },
      *deliver() {
        throw new Error("not sent here");
      },
    },
    keyColumns: [column("id")],
    families: new Map([
      ["id", "text"],
      ["email", "text"],
      ["phone", "text"],
      ["content", "text"],
    ]),
    identifiers: kinds.map((kind) => ({ kind, column: kind, hashed: false, country: {} })),
    fields: [{ to: "content", mapping: { to: "content", from: "content" } as never, columns: ["content"] }],
    policy,
    header: "h",
    mappingHash: "m",
    identityHash: "i",
  };
}

/** What stands in the ledger and the model before the run. */
export interface Given {
  readonly rows: ReadonlyMap<string, LedgerRow>;
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly rejections: readonly Rejection[];
}

export async function given(place: Place, id: string, world: WorldSpec, shape: Shape): Promise<Given> {
  const { ledger } = place;
  const { warehouse } = place.ferry;
  const { dialect } = warehouse;
  const { types, text } = wordsOf(dialect);
  const model = modelOf(place, id);
  const keys = Object.entries(world.keys);
  const columns = ["id", "email", "phone", "content"].map((name) => `${name} ${types.text}`);
  await warehouse.execute(`CREATE TABLE ${model} (${columns.join(", ")})`);
  const people = keys.map(([k, { person }]) => [k, person.email, person.phone, person.content]);
  await warehouse.append(model, [people]);
  const quote = (name: string) => dialect.quote(name);
  const prints = await warehouse.rows(
    `SELECT id, ${text(stablePrint(dialect, shape, quote))} AS h, ${text(fastPrint(dialect, shape, quote) ?? "NULL")} AS fast FROM ${model}`,
  );
  const hasFast = fastPrint(dialect, shape, quote) !== null;
  const printOf = (k: string) => prints.find((row) => row["id"] === k) as Record<string, string>;
  await warehouse.execute(
    `DELETE FROM ${model} WHERE id NOT IN (${
      keys
        .filter(([, { person }]) => person.wanted)
        .map(([k]) => `'${k}'`)
        .join(", ") || "''"
    })`,
  );
  const wanted = new Map<string, Wanted>();
  const rows = new Map<string, LedgerRow>();
  const rejections: Rejection[] = [];
  const cells: unknown[][] = [];
  for (const [k, { person, held, refused }] of keys) {
    const print = printOf(k);
    const h = print["h"] as string;
    const fast = print["fast"] as string | null;
    const today = identifiersOf(k, person, world.identify);
    if (person.wanted) wanted.set(k, { h, hFast: fast, m: 2, ids: today });
    const filed = refused.map((one) =>
      rejectionOf(k, world.identify === "key" ? { ...one, id: { kind: "key", value: k, version: 1 } } : one, h),
    );
    rejections.push(
      ...filed.filter(
        (one, at) =>
          filed.findIndex((other) => other.op === one.op && other.value === one.value && other.h === one.h) === at,
      ),
    );
    if (held === null) continue;
    const row = ledgerRow(world, k, held, person.wanted ? { h, fast } : { h: "5", fast: hasFast ? "6" : null }, today);
    rows.set(k, { ...row, hFast: held.tagged ? row.hFast : null });
    cells.push([
      k,
      row.h,
      row.hFast,
      row.hFast === null ? null : held.tagged ? tag : tag + 1,
      row.m,
      types.ids === types.text ? JSON.stringify(row.ids) : row.ids,
      row.state,
      row.doubtAt,
      row.remoteId,
      row.idem,
      row.fields,
      row.runId,
      row.sentAt,
    ]);
  }
  await createState(warehouse, ledger, {
    id,
    sync: "s",
    target: "t",
    remoteId: null,
    fence: 1,
    serial: 3,
    openPlan: null,
    openRun: null,
    m: 2,
    keySignature: null,
  });
  await warehouse.append(sentTable(ledger, id), [cells]);
  await warehouse.append(rejectionsTable(ledger, id), [
    rejections.map((one) => [
      one.k,
      one.op,
      one.kind,
      one.value,
      one.h,
      one.code,
      one.message,
      one.attempts,
      one.firstAt,
      one.lastAt,
      one.nextAfter,
      one.dead,
    ]),
  ]);
  return { rows, wanted, rejections };
}

/** A row that its own state allows: ok and assumed rows of today's content hold what is wanted. */
function ledgerRow(
  world: WorldSpec,
  k: string,
  held: NonNullable<WorldSpec["keys"][string]["held"]>,
  print: { h: string; fast: string | null },
  today: readonly SentIdentifier[],
): LedgerRow {
  const { state, extra, remoteId, sentAt: at } = held;
  const { policy, identify } = world;
  const open = state === "doubt" || state === "held";
  const known = state === "ok" || state === "assumed" || (held.content !== "none" && state !== "doubt");
  const same = held.content === "same" && (today.length > 0 || (state !== "ok" && state !== "assumed"));
  const own: readonly SentIdentifier[] = [{ kind: "key", value: k, version: 1 }];
  const other =
    identify === "key"
      ? own
      : extra.length === 0
        ? today.length === 0
          ? [{ kind: "email", value: "z@example.com", version: 1 }]
          : today
        : extra;
  const several =
    policy.kind === "record"
      ? [...today, ...extra.filter((id) => !today.some((one) => identifierKey(one) === identifierKey(id)))]
      : today;
  const ids =
    identify === "key"
      ? own
      : same && (state === "ok" || state === "assumed")
        ? state === "ok"
          ? several
          : today
        : other;
  const unanswered = open && held.unanswered && policy.delivery === "keyed";
  return {
    k,
    h: known ? (same ? print.h : "99") : null,
    hFast: known && print.fast !== null ? (same ? print.fast : "98") : null,
    m: 1,
    ids,
    state,
    doubtAt: open || state === "left" ? held.doubtAt : null,
    remoteId:
      policy.kind !== "record" || remoteId === null ? null : remoteId === "own" || identify === "key" ? `R-${k}` : "R",
    idem: unanswered
      ? JSON.stringify({
          parts: [{ op: "add", id: ids[0], key: "old", digest: "d", seq: 1, at: now - 60_000 }],
          afterwards: null,
        })
      : null,
    fields: null,
    runId: "r0",
    sentAt: at,
  };
}

const verdicts: readonly Verdict[] = [
  "accepted",
  "accepted",
  "accepted",
  "rejected",
  "deferred",
  "skipped",
  "unsent",
  "unknown",
];

/** What the platform says of one request of a key, whoever asks. */
export function verdictFor(world: WorldSpec, request: string): Verdict {
  const byte = createHash("sha256").update(`${world.salt} ${request}`).digest()[0] as number;
  return verdicts[byte % verdicts.length] as Verdict;
}

/** A request's name, which both sides can make: key, op, kind where requests are cut by kind, and which one of that kind. */
export const requestName = (k: string, op: string, kind: string, nth: number): string => `${k} ${op} ${kind} ${nth}`;

export interface Ran {
  readonly source: PlanSource;
  readonly records: readonly DeliveryRecord[];
  readonly seqs: ReadonlyMap<string, number>;
  readonly options: SettleOptions;
  readonly frozen: FrozenPlan;
}

/** Plans the world, opens the plan and journals the verdicts. */
export async function plan(place: Place, id: string, world: WorldSpec, shape: Shape): Promise<Ran> {
  const { ferry, ledger } = place;
  const relation = modelOf(place, id);
  await freezeDiff(ferry, {
    ledger,
    id,
    shape,
    rows: relation,
    scratch: ferry.scratch,
    tag,
    refreshBefore: String(now - 50_000 * 60_000),
    full: world.full,
    older: [],
  });
  await prepare(ferry.desk, target, id, shape);
  await recall(ferry, ledger, id);
  await rememberDoubts(ferry, ledger, id);
  const source: PlanSource = { warehouse: ferry.desk, target, id, shape, m: 2, tag, full: world.full };
  const { retry } = world;
  await net({ ferry, ledger, id, shape, relation, source, now, retry, keepFirst: true, person: (k) => k });
  const frozen = {
    sync: "s",
    id,
    plan: "p",
    m: 2,
    tag,
    mappingHash: "m",
    mapping: { isNew: true, definition: "{}" },
    reprinted: 0,
    spec: shape.sync.spec,
  } as unknown as FrozenPlan;
  await openPlan({ ferry, ledger, fence: 7, runId: "r1" }, frozen);
  const records: DeliveryRecord[] = [];
  const seqs = new Map<string, number>();
  const kinds = partKinds(shape.object);
  for await (const { rows } of readPlan(source)) {
    for (const row of rows) {
      seqs.set(row.k, row.seq);
      for (const { part } of requestsOf(shape, row, now, retry).requests) {
        const [op, spot] = [part % 2 === 0 ? "add" : "remove", part >> 1];
        const kind = kinds.length === 0 ? "" : (kinds[spot % kinds.length] as string);
        const name = requestName(row.k, op, kind, Math.floor(spot / Math.max(1, kinds.length)));
        const verdict = verdictFor(world, name);
        if (verdict === "unsent") continue;
        const range = { b: name, p: part, a: row.seq, z: row.seq, at: sentAt } as const;
        records.push({ t: "i", ...range, d: "d" });
        if (verdict === "unknown") continue;
        const remoteId = verdict === "accepted" && shape.policy.kind === "record" ? `N-${row.k}` : null;
        records.push({
          t: "r",
          b: name,
          p: part,
          at: sentAt,
          rows: [[row.seq, verdict, codeOf(world, name), "", remoteId]],
        });
      }
    }
  }
  const settling = {
    ferry,
    source,
    ledger,
    plan: "p",
    runId: "r1",
    fence: 7,
    now,
    deliveredAt: now,
    retry,
    doubtAt: now - 1_000,
    horizon: null,
    render: { asOf: "", lookups: new Map() },
    windowRows: world.windowRows,
  };
  await fileVerdicts(ferry.desk, target, id, records);
  return { source, records, seqs, options: settling, frozen };
}

/** Some skips say that the contact is absent (R37), or that the event is too old (decision 70). */
export function codeOf({ policy }: WorldSpec, name: string): string {
  if (!name.endsWith("0")) return "code";
  return policy.mode === "update" ? "not_found" : policy.mode === "append" ? "too_old" : "code";
}

export async function finish({ options, frozen }: Ran): Promise<void> {
  await settle(options);
  const { ferry, ledger, fence, runId } = options;
  await closePlan({ ferry, ledger, fence, runId }, frozen, { serial: 3, now });
}

/** The ledger as it stands: rows as the rules see them, and rejections; kept bodies only as being there or not. */
export async function standing(
  { ferry, ledger }: Place,
  id: string,
): Promise<{ rows: unknown[]; rejections: unknown[] }> {
  const { text, idsText } = wordsOf(ledger.dialect);
  const written = (column: string): string => {
    if (column === "h" || column === "h_fast") return `${text(column)} AS ${column}`;
    return column === "ids" ? `${idsText(column)} AS ids` : ledger.dialect.quote(column);
  };
  const list = (kind: "sent" | "rejections"): string =>
    syncColumns(ledger, kind)
      .map(([name]) => written(name))
      .join(", ");
  const { warehouse } = ferry;
  const rows = await warehouse.rows(`SELECT ${list("sent")} FROM ${sentTable(ledger, id)} ORDER BY k`);
  const found = await warehouse.rows(`SELECT ${list("rejections")} FROM ${rejectionsTable(ledger, id)}`);
  const orderOf = (row: Record<string, any>): string =>
    JSON.stringify([row["k"], row["op"], row["kind"], row["value"], row["h"]]);
  const rejections = found.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  return {
    rows: rows.map((row) =>
      plainRow({
        k: row["k"],
        h: row["h"],
        hFast: Number(row["h_tag"]) === tag ? row["h_fast"] : null,
        m: row["m"] === null ? null : Number(row["m"]),
        ids: JSON.parse(row["ids"]),
        state: row["state"],
        doubtAt: row["doubt_at"] === null ? null : Number(row["doubt_at"]),
        remoteId: row["remote_id"],
        idem: row["idem"],
        fields: row["fields"],
        runId: row["run_id"],
        sentAt: Number(row["sent_at"]),
      }),
    ),
    rejections: rejections.map((row) => ({
      k: row["k"],
      op: row["op"],
      kind: row["kind"],
      value: row["value"],
      h: row["h"],
      code: row["code"],
      message: row["message"],
      attempts: Number(row["attempts"]),
      firstAt: Number(row["first_at"]),
      lastAt: Number(row["last_at"]),
      nextAfter: Number(row["next_after"]),
      dead: row["dead"],
    })),
  };
}

export const plainRow = ({ idem, fields, ...row }: LedgerRow) => ({
  ...row,
  idem: idem === null ? null : JSON.parse(idem),
  kept: fields !== null,
});
