import { appendFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Warehouse } from "../../../src/warehouse/warehouse.ts";
import { operations as all } from "./operations.ts";
import type { Operation, Subject } from "./subject.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of results, where a matrix is printed at the end. */
    matrix: string | undefined;
  }
}

/** What an emulator does otherwise than its warehouse: shown as `unsupported`, and an error as soon as it passes. */
export interface Exception {
  readonly emulator: string;
  readonly operation: string;
  /** Names of the values that it concerns: the operation holds for all others. Absent: it is not done at all. */
  readonly samples?: readonly string[];
  readonly reason: string;
}

export interface Started {
  readonly subject: Subject;
  stop(): Promise<void>;
}

/** Runs every operation against one warehouse, which `start` brings up and its `stop` ends. */
export function contract(
  type: Warehouse["type"],
  emulator: string,
  start: () => Promise<Started>,
  exceptions: readonly Exception[] = [],
  operations: readonly Operation[] = all,
): void {
  const listed = exceptions.filter((exception) => exception.emulator === emulator);
  const result = (operation: string, outcome: string): void => {
    const folder = inject("matrix");
    if (folder === undefined) return;
    const line = JSON.stringify({ column: `${type} (${emulator})`, operation, outcome });
    appendFileSync(path.join(folder, `${emulator}.ndjson`), `${line}\n`);
  };

  describe(`${type} (${emulator})`, () => {
    let started: Started;
    beforeAll(async () => {
      started = await start();
    });
    afterAll(() => started?.stop());

    it("has no exception for an operation that is not there", () => {
      const names = new Set(operations.map(({ operation }) => operation));
      expect(listed.filter(({ operation }) => !names.has(operation))).toEqual([]);
    });

    for (const { operation, run } of operations) {
      const named = listed.filter((each) => each.operation === operation);
      const whole = named.find(({ samples }) => samples === undefined);
      const without = named.flatMap(({ samples = [] }) => samples);
      const outcome = [...(without.length === 0 ? ["ok"] : [`but ${without.length}`]), ...reasonsOf(named)];

      it(whole === undefined ? operation : `${operation} (unsupported: ${whole.reason})`, async () => {
        const error = await thrownBy(run({ ...started.subject, takes: (name) => !without.includes(name) }));
        if (whole === undefined) {
          result(operation, error === null ? outcome.join(": ") : "FAILED");
          if (error !== null) throw error.thrown;
        } else {
          result(operation, error === null ? "FAILED" : `unsupported: ${whole.reason}`);
          expect(error, "it is listed as an exception, and passes").not.toBeNull();
          // What was not meant to be asked may have ended it.
          await started.stop();
          started = await start();
        }
      });

      for (const name of without) {
        it(`${operation} (unsupported: ${name})`, async () => {
          const error = await thrownBy(run({ ...started.subject, takes: (each) => each === name }));
          if (error === null) result(operation, "FAILED");
          expect(error, "it is listed as an exception, and passes").not.toBeNull();
        });
      }
    }
  });
}

const reasonsOf = (exceptions: readonly Exception[]): readonly string[] =>
  exceptions.map(({ samples = [], reason }) => `${samples.join(", ")} (${reason})`);

/** Wrapped, since anything may be thrown. */
function thrownBy(run: Promise<void>): Promise<{ readonly thrown: unknown } | null> {
  return run.then(
    () => null,
    (thrown: unknown) => ({ thrown }),
  );
}
