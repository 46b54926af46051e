/**
 * Runs that die in the middle, in this process: from a moment on every port and every statement of theirs throws, so nothing they
 * do reaches anybody, and a person frees their lock. A test file lets them die by `vi.mock` of src/models/session.ts.
 */
import type { Session } from "../../../src/models/session.ts";
import type { Ports } from "../../../src/ports.ts";
import type { Ferry } from "../../../src/warehouse/ferry.ts";
import type { Warehouse } from "../../../src/warehouse/warehouse.ts";

/** When a run dies, in the order of a run. */
export type Moment =
  /** The ledger names its plan, nothing of it was sent. */
  | "the plan is open"
  /** The platform has taken its second request, and the run has not read the answer. */
  | "half is sent"
  /** Every answer was read, the ledger knows of none. */
  | "all is sent"
  /** The ledger has every answer, its plan is still open. */
  | "all is settled";

class Died extends Error {}

let planned: { readonly moment: Moment; readonly requests: () => number } | null = null;
let dead = false;

/** The next run dies then; `requests`: how many the platform has had of it. */
export function dieWhen(moment: Moment, requests: () => number): void {
  [planned, dead] = [{ moment, requests }, false];
}

/** Runs live again; did one die since `dieWhen`? */
export function revive(): boolean {
  const died = dead;
  [planned, dead] = [null, false];
  return died;
}

function alive(): void {
  if (planned?.moment === "half is sent" && planned.requests() >= 2) dead = true;
  if (dead) throw new Died("the run died");
}

const opens = /\bopen_plan"?`? = '/i;
const settles = /INSERT INTO [^ ]*sent__/i;

async function script(warehouse: Warehouse, statements: readonly string[]): Promise<void> {
  alive();
  const is = (pattern: RegExp): boolean => statements.some((sql) => pattern.test(sql));
  if (planned?.moment === "all is sent" && is(settles)) dead = true;
  alive();
  await warehouse.script(statements);
  if (planned?.moment === "the plan is open" && is(opens)) dead = true;
  if (planned?.moment === "all is settled" && is(settles)) dead = true;
  alive();
}

/** The module of sessions, with sessions that die. */
export const mortal = <Module extends { openSession: (...given: any[]) => Promise<Session> }>(
  models: Module,
): Module => ({
  ...models,
  async openSession(...given: any[]) {
    alive();
    const session = await models.openSession(...given);
    const ferry = mortalFerry(session.ferry);
    return { ...session, ferry, warehouse: ferry.warehouse };
  },
});

function mortalFerry(ferry: Ferry): Ferry {
  const warehouse = mortalWarehouse(ferry.warehouse);
  const desk = ferry.desk === ferry.warehouse ? warehouse : ferry.desk;
  return { ...ferry, warehouse, desk, labelled: (labels) => mortalFerry(ferry.labelled(labels)) };
}

const mortalWarehouse = (warehouse: Warehouse): Warehouse => ({
  ...warehouse,
  ...mortalCalls(warehouse, ["describe", "execute", "rows", "append", "estimate"]),
  script: (statements) => script(warehouse, statements),
  labelled: (labels) => mortalWarehouse(warehouse.labelled(labels)),
});

/** The ports of a run that may die. */
export function mortalPorts({ clock, random, files }: Ports): Ports {
  return {
    random,
    clock: { ...clock, ...mortalCalls(clock, ["now", "monotonic", "sleep"]) },
    files: {
      ...files,
      ...mortalCalls(files, ["read", "writeAtomic", "createExclusive", "rename", "remove", "list"]),
      async open(path) {
        alive();
        const file = await files.open(path);
        return { ...mortalCalls(file, ["append", "sync"]), close: () => file.close() };
      },
    },
  };
}

function mortalCalls<Port extends object, Name extends keyof Port & string>(
  port: Port,
  names: readonly Name[],
): Pick<Port, Name> {
  const calls = names.map((name) => {
    const call = port[name] as (...given: unknown[]) => unknown;
    return [
      name,
      (...given: unknown[]) => {
        alive();
        return call.apply(port, given);
      },
    ];
  });
  return Object.fromEntries(calls) as Pick<Port, Name>;
}
