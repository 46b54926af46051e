import { expect, it } from "vitest";
import { accepted, all, type Batch, inCalls, type Outcome, rejected } from "../../src/destination/index.ts";
import { batch, change } from "./change.ts";

const keys = (count: number) => Array.from({ length: count }, (_, index) => String(index));

/** Sends so many rows, ten a call; a call with one of `bad` in it is refused as a whole. Gives what was sent, and the fates. */
function send(count: number, bad: readonly string[]) {
  const calls: number[] = [];
  const sent = batch(
    "add",
    keys(count).map((key) => change(key)),
  );
  const exchange = inCalls(sent, 10, function* (part: Batch) {
    calls.push(part.changes.length);
    const spoilt = part.changes.some(({ key }) => bad.includes(String(key)));
    return all(part, spoilt ? rejected("bad", "a value") : accepted());
  });
  const outcomes = exchange.next().value as readonly Outcome[];
  return { calls, rejected: keys(count).filter((_, index) => outcomes[index]?.status === "rejected") };
}

it.each([
  [10, ["3"], [10], keys(10)],
  [25, [], [10, 10, 5], []],
  [25, ["12"], [10, 10, 5, 3, 2, 1, 2, 5, 5], ["12"]],
  [25, ["0", "24"], [10, 5, 3, 2, 1, 1, 1, 2, 5, 10, 5, 3, 2, 1, 1], ["0", "24"]],
] as const)("%i rows, %j bad", (count, bad, calls, refused) => {
  expect(send(count, bad)).toEqual({ calls, rejected: refused });
});

it("ends where every call is refused", () => {
  const { calls, rejected: refused } = send(1000, keys(1000));
  expect(refused).toHaveLength(1000);
  expect(calls.length).toBeLessThan(150);
});
