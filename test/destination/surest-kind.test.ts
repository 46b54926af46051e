import { expect, it } from "vitest";
import { surestKind, underSurest } from "../../src/destination/index.ts";
import { batch, change } from "./change.ts";

const held = (...kinds: readonly string[]) => ({
  ids: kinds.map((kind) => ({ kind, value: `${kind}-1`, version: 1 })),
});

it.each([
  ["the surest it has", { identifiers: { email: "a", id: "1" } }, "id"],
  ["a lesser one alone", { identifiers: { email: "a" } }, "email"],
  ["a lesser one, though another was sent before", { identifiers: { email: "a" }, before: held("id") }, "email"],
  ["none of these", { identifiers: { phone: "1" } }, undefined],
  ["a removal by the surest", { op: "remove", identifiers: { id: "1" }, before: held("email", "id") }, "id"],
  ["a removal by the only one", { op: "remove", identifiers: { email: "a" }, before: held("email") }, "email"],
  ["a removal by a lesser one", { op: "remove", identifiers: { email: "a" }, before: held("email", "id") }, undefined],
] as const)("%s", (_, more, expected) => {
  expect(surestKind(change("1", more), ["id", "email"])).toBe(expected);
});

it.each([
  [
    "a farewell by a lesser one",
    { identifiers: { email: "a" }, before: held("id", "email") },
    { email: "a", id: "id-1" },
  ],
  ["a farewell by the surest", { identifiers: { id: "2" }, before: held("id", "email") }, { id: "2" }],
  ["one that only has a lesser one", { identifiers: { email: "a" }, before: held("email") }, { email: "a" }],
  ["a new one", { identifiers: { email: "a" } }, { email: "a" }],
])("writes %s under what is known", (_, more, expected) => {
  const [written] = underSurest(batch("update", [change("1", more)]), ["id", "email"]).changes;
  expect(written?.identifiers).toEqual(expected);
});

it("leaves removals as they are", () => {
  const removal = batch("remove", [change("1", { identifiers: { email: "a" }, before: held("id", "email") })]);
  expect(underSurest(removal, ["id", "email"])).toEqual(removal);
});

it("takes the newest of several of a kind", () => {
  const ids = ["1", "2"].map((value) => ({ kind: "id", value, version: 1 }));
  const farewell = change("1", { identifiers: { email: "a" }, before: { ids } });
  const [written] = underSurest(batch("update", [farewell]), ["id", "email"]).changes;
  expect(written?.identifiers).toEqual({ email: "a", id: "2" });
});
