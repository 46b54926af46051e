import fc from "fast-check";
import { expect, it } from "vitest";
import { asker, requestsOf } from "../../src/engine/requests.ts";
import type { PlanRow } from "../../src/engine/rows.ts";
import type { Shape } from "../../src/engine/shape.ts";

const kinds = ["email", "phone"] as const;
const ids = fc
  .subarray([...kinds])
  .chain((some) =>
    fc.tuple(
      ...some.map((kind) =>
        fc.record({ kind: fc.constant(kind), value: fc.string({ unit: "grapheme" }), version: fc.constant(1) }),
      ),
    ),
  );

const shapes = fc
  .record({
    identify: fc.constantFrom("key", "any", "all", "each"),
    mode: fc.constantFrom("mirror", "upsert", "update", "add", "remove", "append"),
    kind: fc.constantFrom("membership", "record", "event"),
    onLeave: fc.constantFrom("remove", "keep", "set"),
  })
  .map(({ identify, mode, kind, onLeave }) => {
    const identifiers = Object.fromEntries(kinds.map((name) => [name, {}]));
    const policy = { kind, mode, onLeave, delivery: "set", lateMs: 0, adopt: false };
    return { object: { identify, identifiers, ops: ["add", "update", "remove"] }, policy } as unknown as Shape;
  });

/** Mostly rows that were never sent; some are known, refused before, or share identifiers. */
const rows = fc
  .record({
    op: fc.constantFrom("add", "add", "refresh", "update"),
    wanted: ids,
    held: fc.option(ids, { freq: 3 }),
    refused: fc.boolean(),
    net: fc.option(fc.constant(["send", "wait"]), { freq: 4 }),
  })
  .map(({ op, wanted, held, refused, net }, n = 1) => {
    const row = { h: "1", hFast: null, m: 1, ids: held ?? [], state: "ok", doubtAt: null, remoteId: null, sentAt: 0 };
    const rejection = { k: "k", op: "add", h: "2", attempts: 1, dead: false, nextAfter: 99, ...wanted[0] };
    return {
      seq: n,
      op,
      k: "k",
      row: held === null ? null : row,
      wanted: { h: "2", hFast: null, m: 1, ids: wanted },
      net,
      rejections: refused && wanted.length > 0 ? [rejection] : [],
    } as unknown as PlanRow;
  });

it("asking for many rows of one shape is asking for each", () => {
  fc.assert(
    fc.property(shapes, fc.array(rows, { minLength: 2, maxLength: 12 }), fc.boolean(), (shape, all, retry) => {
      const ask = asker(shape, 50, retry);
      expect(all.map((row) => ask(row))).toEqual(all.map((row) => requestsOf(shape, row, 50, retry).requests));
    }),
    { numRuns: 2_000 },
  );
});
