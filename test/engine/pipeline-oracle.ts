/** The run of ./pipeline-run.ts by the pure rules over maps (rules/whole.ts): what the ledger must come to. */
import {
  askOf,
  doubtsOf,
  duplicatesOf,
  holdBack,
  identifierKey,
  matches,
  netAll,
  rejectionHash,
  settleAll,
  type Ask,
  type LedgerRow,
  type Netted,
  type Part,
  type PartOutcome,
  type Rejection,
  type SettleInput,
} from "../../src/ledger/rules.ts";
import { codeOf, plainRow, requestName, sentAt, verdictFor, type Given } from "./pipeline-run.ts";
import { now, type WorldSpec } from "./pipeline-world.ts";

/** The same run by the pure rules over maps (rules/whole.ts). */
export function expected(
  world: WorldSpec,
  { rows, wanted: all, rejections }: Given,
  seqs: ReadonlyMap<string, number>,
  horizon: number | null = null,
): { rows: unknown[]; rejections: unknown[] } {
  const { policy, identify, retry, full } = world;
  const wanted = new Map(all);
  if (policy.kind === "record" && identify !== "key") for (const k of duplicatesOf(all).keys()) wanted.delete(k);
  const before = full
    ? new Map([...rows].map(([k, row]) => [k, row.state === "ok" ? { ...row, h: null, hFast: null } : row]))
    : rows;
  const never = () => false;
  const asks = new Map<string, Ask>();
  for (const k of new Set([...wanted.keys(), ...before.keys()])) {
    const row = before.get(k) ?? null;
    const refreshDue = row !== null && row.state === "ok" && row.sentAt < now - 50_000 * 60_000;
    asks.set(k, askOf(row, wanted.get(k) ?? null, policy, { reason: "left", denied: never, refreshDue }));
  }
  const heldBack = (k: string, part: Part): boolean => {
    const h = rejectionHash(part, wanted.get(k) ?? null);
    const found = rejections.find((one) => matches(one, k, part, h)) ?? null;
    return !retry && holdBack(found, now) !== "send";
  };
  const situation = { policy, wanted, rows: before, denied: never };
  const netted = netAll(situation, asks, heldBack);
  const sends = (fate: Netted | undefined) => fate === "send" || fate === "take";
  const leader = (part: Part): { k: string; at: number } | null => {
    for (const k of [...asks.keys()].toSorted()) {
      const ask = asks.get(k) as Ask;
      if (ask.kind !== "send") continue;
      const at = ask.parts.findIndex(
        (one, index) =>
          one.op === part.op && identifierKey(one.id) === identifierKey(part.id) && sends(netted.get(k)?.[index]),
      );
      if (at >= 0) return { k, at };
    }
    return null;
  };
  const requestOf = (k: string, at: number): string => {
    const parts = (asks.get(k) as Extract<Ask, { kind: "send" }>).parts;
    const { op, id } = parts[at] as Part;
    const nth = parts.slice(0, at).filter((one) => one.op === op && one.id.kind === id.kind).length;
    return requestName(k, policy.mode === "remove" ? "remove" : op, identify === "each" ? id.kind : "", nth);
  };
  const outcome = (k: string, ask: Extract<Ask, { kind: "send" }>, at: number): PartOutcome => {
    const part = ask.parts[at] as Part;
    const base = { part, sentAt: 0, code: "", message: "", remoteId: null, byRemoteId: false, request: null };
    let fate = netted.get(k)?.[at] as Netted;
    // One request of such objects carries all a row has: its own verdict counts for what another key sends too.
    const whole =
      identify !== "each" &&
      part.op === "add" &&
      ask.parts.some((one, index) => one.op === "add" && sends(netted.get(k)?.[index]));
    if (fate === "follow" && whole) fate = "send";
    if (fate === "withheld") return { ...base, verdict: "withheld" };
    if (fate === "wait") return { ...base, verdict: "deferred", message: "held" };
    const from = fate === "follow" ? leader(part) : { k, at };
    if (from === null) return { ...base, verdict: "unsent" };
    const name = requestOf(from.k, from.at);
    const verdict = verdictFor(world, name);
    const byRemoteId = fate === "send" && ask.byRemoteId;
    const seq = seqs.get(from.k) ?? -1;
    if (horizon !== null) return { ...base, byRemoteId, verdict: seq <= horizon ? "unknown" : "unsent" };
    if (verdict === "unsent") return { ...base, byRemoteId, verdict };
    const request = verdict === "unknown" ? { key: name, digest: "d", seq } : null;
    const remoteId = verdict === "accepted" && policy.kind === "record" ? `N-${from.k}` : null;
    return {
      part,
      verdict,
      sentAt,
      code: verdict === "unknown" ? "" : codeOf(world, name),
      message: "",
      remoteId,
      byRemoteId,
      request,
    };
  };
  const inputs: SettleInput[] = [...asks].flatMap(([k, ask]) => {
    if (ask.kind === "nothing") return [];
    const outcomes = ask.kind === "send" ? ask.parts.map((_, at) => outcome(k, ask, at)) : [];
    const mine = rejections.filter((one) => one.k === k);
    const kept = policy.delivery !== "set" && outcomes.some((one) => one.verdict === "unknown") ? "{}" : null;
    const row = before.get(k) ?? null;
    return [
      {
        k,
        row,
        wanted: wanted.get(k) ?? null,
        ask,
        outcomes,
        rejections: mine,
        policy,
        doubtOf: doubtsOf(before.values()),
        doubtAt: now - 1_000,
        now,
        runId: "r1",
        fields: kept,
      },
    ];
  });
  const after = settleAll(situation, inputs);
  const stands = [...after.rows].map(([k, row]) => (row === before.get(k) ? (rows.get(k) as LedgerRow) : row));
  const order = (one: Rejection) => JSON.stringify([one.k, one.op, one.kind, one.value, one.h ?? "~"]);
  return {
    rows: stands.toSorted((a, b) => (a.k < b.k ? -1 : 1)).map(plainRow),
    rejections: after.rejections.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)),
  };
}
