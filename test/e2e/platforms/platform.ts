/** What the test of all platforms must know of one: its fake, its YAML, what it holds, and what it must hold. */
import { createHash } from "node:crypto";
import type { Fake, FakeAnswer } from "../../fakes/server.ts";
import type { Person } from "./people.ts";

export interface Platform {
  /** Of the destination and the sync. */
  readonly name: string;
  start(): Promise<Fake<any>>;
  /** YAML of the destination, without its name. */
  destination(url: string): string;
  /** Of the sync, below its name and source. */
  readonly sync: string;
  /** Part of `METHOD /path` of the request that writes people. */
  readonly writing: string;
  /** Each row is a request of its own. */
  readonly rowByRow?: boolean;
  /** The status is the whole answer: a body that breaks off behind a 200 costs nothing. */
  readonly trustsStatus?: boolean;
  held(fake: Fake<any>): unknown;
  /** `ever`: everybody sent so far, as last wanted. */
  desired(now: readonly Person[], ever: readonly Person[]): unknown;
  /** What stands in a request that speaks of the person. */
  mark(person: Person): string;
  /** Refuses the person's row; the others of its request are taken where the platform tells rows apart. */
  refuse(fake: Fake<any>, person: Person): void;
  forgive(fake: Fake<any>): void;
  /** An answer that refuses the whole request for what is in it. */
  readonly spoilt: FakeAnswer;
  /** An answer that says the target no longer exists. */
  readonly gone: FakeAnswer;
  /** A row refused alone, as rejected rows are told. */
  readonly refusal: { readonly code: string; readonly message: string };
}

export const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
export const byText = (lines: Iterable<string>): readonly string[] => [...new Set(lines)].toSorted();
export const byEmail = <T extends { readonly email?: unknown }>(rows: readonly T[]): readonly T[] =>
  rows.toSorted((a, b) => (String(a.email) < String(b.email) ? -1 : 1));
export const withoutNulls = (row: object): object =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));

/** Settings of a fake's account: its address on loopback. */
export const network = (url: string): string => `base_url: "${url}", allow_private_network: true`;
/** Unanswered requests of a fake take effect before they are lost; retries end soon. */
export const gently = `late: 0s\nretry: { attempts: 4, deadline: 10min }`;
