/** A fake platform: a set of identifiers, or records with remote ids, or events; with late effects and remembered keys. */
import type { SentIdentifier } from "../../src/core.ts";
import { identifierKey } from "../../src/ledger/rules.ts";
import type { Random } from "./random.ts";
import { lateMs, type Scenario } from "./scenario.ts";

/** One row of a request. */
export interface Asked {
  readonly op: "add" | "remove";
  readonly id: SentIdentifier;
  readonly content: string;
  /** Address the record by this id instead of by its match identifier. */
  readonly remoteId: string | null;
  /** Idempotency key, with keyed delivery. */
  readonly key: string | null;
}

export type Answer =
  | { readonly status: "accepted"; readonly remoteId: string | null }
  | { readonly status: "rejected" | "absent" | "too_old" };

/** What came back of a request: answers in order, a refusal that changed nothing, or silence. */
export type Reply = { readonly answers: readonly Answer[] } | "refused" | "throttled" | "silence";

interface Late {
  readonly at: number;
  readonly asked: Asked;
}

export class Platform {
  /** Membership: content by identifier. */
  readonly members = new Map<string, string>();
  /** Records: by remote id. */
  readonly records = new Map<string, { match: string; content: string }>();
  /** Events: how often each key was taken. */
  readonly events = new Map<string, number>();
  late: Late[] = [];
  /** Identifiers whose rows are rejected, and those that make the whole batch be refused. */
  bad = new Set<string>();
  poison = new Set<string>();
  private readonly remembered = new Map<string, { at: number; answer: Answer }>();
  private made = 0;
  private readonly scenario: Scenario;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
  }

  /** A record that somebody else made. */
  adopt(match: string): void {
    if ([...this.records.values()].some((record) => record.match === match)) return;
    this.records.set(`r${++this.made}`, { match, content: "theirs" });
  }

  /** Applies what was still queued and is due. */
  drain(now: number): void {
    const due = this.late.filter((one) => one.at <= now).toSorted((a, b) => a.at - b.at);
    this.late = this.late.filter((one) => one.at > now);
    for (const one of due) this.apply(one.asked, one.at);
  }

  /** Queued requests that will still change something. */
  pending(): readonly Asked[] {
    return this.late
      .map(({ asked }) => asked)
      .filter(
        (asked) => !this.bad.has(`${asked.op} ${identifierKey(asked.id)}`) && !this.remembered.has(asked.key ?? ""),
      );
  }

  request(rows: readonly Asked[], now: number, random: Random, faults: boolean): Reply {
    this.drain(now);
    if (rows.some((row) => this.poison.has(identifierKey(row.id)))) return "refused";
    const roll = faults ? random.next() : 1;
    if (roll < 0.03) return "throttled";
    if (roll < 0.06) return "silence";
    if (roll < 0.1) {
      for (const row of rows) this.apply(row, now);
      return "silence";
    }
    if (roll < 0.12) {
      for (const row of rows.slice(0, rows.length / 2)) this.apply(row, now);
      return "silence";
    }
    if (roll < 0.2) {
      const at = now + 1 + random.int(lateMs * 0.6);
      this.late.push(...rows.map((asked) => ({ at, asked })));
      return "silence";
    }
    return { answers: rows.map((row) => this.apply(row, now, faults && random.chance(0.02))) };
  }

  private apply(asked: Asked, now: number, refuse = false): Answer {
    const known = asked.key === null ? undefined : this.remembered.get(asked.key);
    if (known !== undefined && now < known.at + this.scenario.windowMs) return known.answer;
    const bad = refuse || this.bad.has(`${asked.op} ${identifierKey(asked.id)}`);
    const answer = bad ? rejected : this.change(asked);
    if (asked.key !== null) this.remembered.set(asked.key, { at: now, answer });
    return answer;
  }

  private change(asked: Asked): Answer {
    const at = identifierKey(asked.id);
    if (this.scenario.policy.kind === "record") return this.changeRecord(asked, at);
    if (asked.content === this.scenario.tooOld) return { status: "too_old" };
    if (this.scenario.policy.kind === "event") this.events.set(at, (this.events.get(at) ?? 0) + 1);
    else if (asked.op === "add") this.members.set(at, asked.content);
    else this.members.delete(at);
    return { status: "accepted", remoteId: null };
  }

  private changeRecord(asked: Asked, at: string): Answer {
    const byMatch = [...this.records].find(([, record]) => record.match === at)?.[0];
    const target = asked.remoteId !== null && this.records.has(asked.remoteId) ? asked.remoteId : byMatch;
    if (asked.op === "remove") {
      if (byMatch !== undefined) this.records.delete(byMatch);
      return { status: "accepted", remoteId: null };
    }
    if (target === undefined && this.scenario.policy.mode === "update") return { status: "absent" };
    // A rename onto another record merges the two.
    if (byMatch !== undefined && byMatch !== target) this.records.delete(byMatch);
    const remoteId = target ?? `r${++this.made}`;
    this.records.set(remoteId, { match: at, content: asked.content });
    return { status: "accepted", remoteId };
  }
}

const rejected: Answer = { status: "rejected" };
