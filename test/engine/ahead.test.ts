import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ahead } from "../../src/engine/ahead.ts";

/** Counts up to `most`, then ends or fails; `log` says what was asked for and whether it was closed. */
async function* numbers(most: number, log: string[], failure?: Error): AsyncGenerator<number> {
  try {
    for (let n = 1; n <= most; n += 1) {
      log.push(`made ${n}`);
      yield n;
    }
    if (failure !== undefined) throw failure;
  } finally {
    log.push("closed");
  }
}

describe("one item ahead", () => {
  it("gives every item in order, and makes the next one meanwhile", async () => {
    const log: string[] = [];
    for await (const n of ahead(numbers(3, log))) {
      await turn();
      log.push(`took ${n}`);
    }
    expect(log).toEqual(["made 1", "made 2", "took 1", "made 3", "took 2", "closed", "took 3"]);
  });

  it("tells a failure after the items before it", async () => {
    const taken: number[] = [];
    const all = async (): Promise<void> => {
      for await (const n of ahead(numbers(2, [], new Error("the file is gone")))) {
        await turn();
        taken.push(n);
      }
    };
    await expect(all()).rejects.toThrow("the file is gone");
    expect(taken).toEqual([1, 2]);
  });

  it("closes what it reads from when it is left early", async () => {
    const log: string[] = [];
    for await (const n of ahead(numbers(9, log))) if (n === 2) break;
    expect(log.at(-1)).toBe("closed");
    expect(log).not.toContain("made 4");
  });
});
