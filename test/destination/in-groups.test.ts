import { expect, it } from "vitest";
import { all, type Batch, inGroups, rejected } from "../../src/destination/index.ts";
import { batch, change } from "./change.ts";

/** Sends keys in groups by their letter; each is refused in the words of its group, `lost` groups get no outcome. */
function send(keys: readonly string[], lost = "-") {
  const calls: string[] = [];
  const exchange = inGroups(
    batch(
      "add",
      keys.map((key) => change(key)),
    ),
    ({ key }) => String(key)[0]!,
    function* (group: Batch) {
      const words = group.changes.map(({ key }) => String(key)).join();
      calls.push(words);
      return words.startsWith(lost) ? [] : all(group, rejected("x", words));
    },
  );
  const step = exchange.next();
  return { calls, told: (step.value as readonly { message: string }[]).map(({ message }) => message) };
}

it("sends each group by itself and puts outcomes back in order", () => {
  expect(send(["a1", "b1", "a2", "c1", "b2"])).toEqual({
    calls: ["a1,a2", "b1,b2", "c1"],
    told: ["a1,a2", "b1,b2", "a1,a2", "c1", "b1,b2"],
  });
  expect(send([])).toEqual({ calls: [], told: [] });
});

it("holds rows in doubt that a group gave no outcome for", () => {
  expect(send(["a1", "b1"], "a").told).toEqual(["no outcome", "b1"]);
});
