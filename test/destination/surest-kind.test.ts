import { expect, it } from "vitest";
import { surestKind } from "../../src/destination/index.ts";
import { change } from "./change.ts";

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
