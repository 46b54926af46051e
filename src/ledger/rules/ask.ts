/** What one key asks of the platform, by the state of its row: the state table of the sync engine, for every mode. */
import type { SentIdentifier } from "../../core.ts";
import { minus, union, within } from "./identifiers.ts";
import type { Ask, AskContext, AskOp, LedgerRow, Part, Policy, Wanted } from "./types.ts";

/**
 * What one key asks before netting (state table; decision 5; R4, R9, R10, R11, R13, R14, R15, R37, R39).
 *
 * A wanted key whose identifiers are all gone or denied counts as one that left. Rows `held`, and keyed rows in doubt
 * whose requests are still to be replayed, ask nothing unless privacy demands their removal.
 */
export function askOf(row: LedgerRow | null, wanted: Wanted | null, policy: Policy, context: AskContext): Ask {
  if (policy.mode === "remove") return askRemoval(row, wanted);
  if (policy.mode === "append") return askAppend(row, wanted);
  const claim = wanted !== null && wanted.ids.length > 0 ? wanted : null;
  if (row === null) return claim === null ? { kind: "nothing", because: "none" } : send("add", adds(claim.ids, policy));
  if (claim === null) return askLeave(row, policy, context);
  return askStay(row, claim, policy, context);
}

/** Does the ledger already say what is wanted? The fast fingerprint counts where both sides have one, else the stable one. */
export function sameContent(row: LedgerRow, wanted: Wanted): boolean {
  if (row.hFast !== null && row.hFast === wanted.hFast) return true;
  return row.h !== null && row.h === wanted.h;
}

/** Is a membership due to be sent again before the platform drops it (R39)? `spread` in [0, 1) comes from the key's hash. */
export function refreshDue(row: LedgerRow, expiresMs: number | null, asOf: number, spread: number): boolean {
  return expiresMs !== null && row.state === "ok" && row.sentAt + expiresMs * (0.8 + 0.15 * spread) < asOf;
}

function askStay(row: LedgerRow, wanted: Wanted, policy: Policy, context: AskContext): Ask {
  const forbidden = policy.kind === "membership" ? row.ids.filter(context.denied) : [];
  if (isSilent(row, policy)) {
    if (forbidden.length > 0) return send("remove", removes(forbidden));
    return { kind: "nothing", because: row.state === "held" ? "held" : "replay" };
  }
  if (policy.mode === "add") return askAddOnly(row, wanted, policy, forbidden);
  const sameIds = row.state === "assumed" || within(wanted.ids, row.ids);
  const exact = policy.kind === "record" || row.state === "assumed" || within(row.ids, wanted.ids);
  if (sameContent(row, wanted) && sameIds && exact && forbidden.length === 0) {
    if (row.state === "left") return { kind: "silent", row: { ...row, state: "ok" } };
    if (row.state === "ok" && context.refreshDue) return send("refresh", adds(wanted.ids, policy));
    if (row.state === "ok" || row.state === "assumed") return { kind: "nothing", because: "same" };
  }
  const surplus = policy.kind === "record" ? [] : minus(ours(row, policy, context), wanted.ids);
  const onlySurplus = row.state === "owed" && sameContent(row, wanted) && sameIds && surplus.length > 0;
  if (onlySurplus) return send("update", removes(surplus));
  return send("update", [...adds(wanted.ids, policy), ...removes(surplus)], row.remoteId !== null);
}

/** Mode add: added once, never touched again; identifiers only grow (R37). */
function askAddOnly(row: LedgerRow, wanted: Wanted, policy: Policy, forbidden: readonly SentIdentifier[]): Ask {
  const unsure = row.state === "doubt" || row.state === "owed" || (row.state === "left" && row.h === null);
  // An identifier of before may never have been acknowledged: with one on the row, other content asks for all again.
  const unsaid = row.doubtAt !== null || !within(row.ids, wanted.ids);
  const open = unsure || (unsaid && !sameContent(row, wanted));
  const grown = policy.kind === "record" ? [] : minus(wanted.ids, row.ids);
  const missing = open && (unsure || policy.kind === "membership") ? wanted.ids : grown;
  const settled = row.state === "left" ? { ...row, state: "ok" as const } : null;
  if (row.state === "assumed" || (missing.length === 0 && forbidden.length === 0)) {
    return settled === null ? { kind: "nothing", because: "untouched" } : { kind: "silent", row: settled };
  }
  return send("update", [...adds(missing, policy), ...removes(forbidden)], row.remoteId !== null);
}

function askLeave(row: LedgerRow, policy: Policy, context: AskContext): Ask {
  const forbidden = mustGo(row, policy, context);
  const goes = leaves(row, policy) && policy.onLeave !== "keep" && policy.onLeave !== "set";
  const farewell = leaves(row, policy) && policy.onLeave === "set" ? minus(row.ids, forbidden) : [];
  if (farewell.length > 0) {
    // A record is written under its newest identifier: by its remote id, an older one would rename it.
    const named = policy.kind === "record" ? farewell.slice(-1) : farewell;
    return send("set", [...removes(forbidden), ...adds(named, policy)], row.remoteId !== null);
  }
  if (forbidden.length > 0) return send("remove", removes(goes ? row.ids : forbidden), row.remoteId !== null);
  if (row.state === "held" || row.state === "left") return { kind: "nothing", because: row.state };
  if (isSilent(row, policy)) return { kind: "nothing", because: "replay" };
  if (row.ids.length === 0 || !leaves(row, policy)) return { kind: "silent", row: null };
  if (policy.onLeave === "keep") {
    const known = row.state === "ok" || row.state === "assumed";
    return { kind: "silent", row: { ...row, state: "left", ...(known ? {} : { h: null, hFast: null }) } };
  }
  return send("remove", removes(row.ids), row.remoteId !== null);
}

/** Does leaving ask anything of a platform for this row, apart from privacy? */
function leaves(row: LedgerRow, policy: Policy): boolean {
  if (row.state === "left" || isSilent(row, policy)) return false;
  return row.state !== "assumed" || policy.adopt;
}

/**
 * What privacy takes away whatever the row's state (R9, R14). A record is deleted by erasure, or by any privacy reason
 * where leaving deletes; consent withdrawn from a CRM contact that we only update stops the updates.
 */
function mustGo(row: LedgerRow, policy: Policy, context: AskContext): readonly SentIdentifier[] {
  if (policy.kind === "event") return [];
  if (policy.kind === "membership") return context.reason === "left" ? row.ids.filter(context.denied) : row.ids;
  const deletes = context.reason === "erasure" || (context.reason !== "left" && policy.onLeave === "delete");
  return deletes ? row.ids : [];
}

/** Mode remove: the audience lists who must go; rows remember removals that were acknowledged, leaving sends nothing (R37). */
function askRemoval(row: LedgerRow | null, wanted: Wanted | null): Ask {
  if (wanted === null) return row === null ? { kind: "nothing", because: "none" } : { kind: "silent", row: null };
  if (row?.state === "held") return { kind: "nothing", because: "held" };
  if (row?.state === "doubt" && row.idem !== null) return { kind: "nothing", because: "replay" };
  const open = row === null || row.state === "doubt" ? wanted.ids : minus(wanted.ids, row.ids);
  if (open.length > 0) return send("remove", removes(open), row !== null && row.remoteId !== null);
  return { kind: "nothing", because: row === null ? "none" : "untouched" };
}

/** Mode append: once per key, for ever; keys missing from the source and changed content ask nothing (R37, decision 70). */
function askAppend(row: LedgerRow | null, wanted: Wanted | null): Ask {
  const match = wanted?.ids[0];
  if (match === undefined) return { kind: "nothing", because: row === null ? "none" : "untouched" };
  if (row === null || (row.state === "doubt" && row.idem === null)) return send("add", [{ op: "add", id: match }]);
  return { kind: "nothing", because: row.state === "held" ? "held" : row.state === "doubt" ? "replay" : "untouched" };
}

/** Rows about which a person (`held`) or the replay of their request (keyed doubt) must decide first (R13, R33). */
function isSilent(row: LedgerRow, policy: Policy): boolean {
  return row.state === "held" || (policy.delivery === "keyed" && row.state === "doubt" && row.idem !== null);
}

/** The identifiers we may take away: those of an assumed row came from elsewhere, unless adopted or denied (R15). */
function ours(row: LedgerRow, policy: Policy, context: AskContext): readonly SentIdentifier[] {
  return row.state === "assumed" && !policy.adopt ? row.ids.filter(context.denied) : row.ids;
}

/** A record is written once, under its match identifier; a membership once per identifier. */
function adds(ids: readonly SentIdentifier[], policy: Policy): readonly Part[] {
  const asked = policy.kind === "membership" ? union(ids, []) : ids.slice(0, 1);
  return asked.map((id) => ({ op: "add", id }));
}

function removes(ids: readonly SentIdentifier[]): readonly Part[] {
  return union(ids, []).map((id) => ({ op: "remove", id }));
}

function send(op: AskOp, parts: readonly Part[], byRemoteId = false): Ask {
  return { kind: "send", op, parts, byRemoteId };
}
