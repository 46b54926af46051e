/** What must be true of a destination's question whose account its credentials open, as cases: for `testing.ts`. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { broken } from "./broken-answers.ts";
import type { Destination, HttpRequest, Session } from "./index.ts";
import {
  brokenAt,
  checkExchanges,
  checkHosts,
  checkSecrets,
  type Exchanged,
  replay,
  type Replayed,
  type Replies,
  requestsOf,
  scripted,
} from "./replay.ts";

export interface AccountFact {
  readonly situation: string;
  readonly config?: object;
  readonly exchanges: readonly Exchanged[];
  /** The id, null where the platform does not tell. */
  readonly account: string | null;
  readonly source: string;
}

interface AccountFacts {
  readonly config: object;
  readonly credentials: Readonly<Record<string, string>>;
  readonly session?: Session;
  readonly accounts?: readonly AccountFact[];
}

/** Played as documented, and with every answer broken: then nobody's account, never a throw. */
export function accountCases(
  destination: Destination,
  facts: AccountFacts,
  validate: (request: HttpRequest) => readonly string[],
): readonly { readonly name: string; check(): void }[] {
  const { accounts = [], session = {} } = facts;
  const declared = {
    name: "facts say whose account the credentials open if the destination asks, and that it may be refused",
    check: () => {
      const answers = new Set(accounts.map(({ account }) => account !== null));
      deepStrictEqual([...answers].toSorted(), destination.account === undefined ? [] : [false, true]);
    },
  };
  const cases = accounts.flatMap((fact) => {
    const config: unknown = destination.config.parse({ ...facts.config, ...fact.config });
    const play = (replies: Replies): Replayed<string | undefined> =>
      replay(() => destination.account!({ config }), { session, replies });
    const once = () => play(scripted(fact.exchanges));
    return [
      {
        name: `account, ${fact.situation}: as documented`,
        check() {
          const played = once();
          checkExchanges(played, fact.exchanges);
          deepStrictEqual([played.stopped, played.value ?? null], [undefined, fact.account]);
          ok(
            requestsOf(played).every(({ method }) => method === "GET"),
            "asking changes something",
          );
        },
      },
      {
        name: `account, ${fact.situation}: secrets and hosts`,
        check() {
          checkSecrets(once(), facts.credentials);
          checkHosts(once(), destination.hosts(config, session));
        },
      },
      {
        name: `account, ${fact.situation}: broken answers`,
        check() {
          for (const at of fact.exchanges.keys())
            for (const reply of broken) deepStrictEqual(play(brokenAt(fact.exchanges, at, reply)).value, undefined);
        },
      },
      {
        name: `account, ${fact.situation}: fits the vendor's description`,
        check: () => deepStrictEqual(requestsOf(once()).flatMap(validate), []),
      },
    ];
  });
  return [declared, ...cases];
}
