import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchId, bytesOf, Cutter, digestOf, halves, type BatchItem, type Parcel } from "../../src/engine/batch.ts";

const item = (seq: number, size = 1): BatchItem => ({
  seq,
  change: { op: "add", key: seq, identifiers: {}, fields: {}, idempotencyKey: `p-${seq}-0` },
  line: "x".repeat(size),
});

const seqs = (parcel: Parcel): readonly number[] => parcel.items.map(({ seq }) => seq);

function cut(limits: { rows: number; bytes?: number }, items: readonly BatchItem[]): readonly (readonly number[])[] {
  const cutter = new Cutter(limits);
  const parcels = items.flatMap((one) => cutter.add("add", 0, one) ?? []);
  return [...parcels, ...cutter.flush()].map(seqs);
}

describe("cutting", () => {
  it.each<[string, { rows: number; bytes?: number }, readonly BatchItem[], readonly (readonly number[])[]]>([
    ["nothing", { rows: 3 }, [], []],
    ["fewer than the limit", { rows: 3 }, [item(1), item(2)], [[1, 2]]],
    ["exactly the limit", { rows: 2 }, [item(1), item(2)], [[1, 2]]],
    ["one more", { rows: 2 }, [item(1), item(2), item(3)], [[1, 2], [3]]],
    ["bytes, a newline counted each", { rows: 9, bytes: 8 }, [item(1, 3), item(2, 3), item(3, 3)], [[1, 2], [3]]],
    ["one item larger than the limit goes alone", { rows: 9, bytes: 4 }, [item(1, 9), item(2)], [[1], [2]]],
  ])("%s", (_, limits, items, parcels) => {
    expect(cut(limits, items)).toEqual(parcels);
  });

  it("keeps every item once, in order, within the limits", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 5, max: 60 }), (all, rows, bytes) => {
        const parcels = cut(
          { rows, bytes },
          all.map((size, index) => item(index, size)),
        );
        expect(parcels.flat()).toEqual(all.map((_, index) => index));
        for (const parcel of parcels) {
          const total = parcel.reduce((sum, seq) => sum + (all[seq] ?? 0) + 1, 0);
          expect(parcel.length <= rows && (total <= bytes || parcel.length === 1)).toBe(true);
        }
      }),
    );
  });

  it("keeps ops and parts apart", () => {
    const cutter = new Cutter({ rows: 2 });
    expect(cutter.add("add", 0, item(1))).toBeNull();
    expect(cutter.add("remove", 1, item(2))).toBeNull();
    expect(cutter.add("add", 2, item(3))).toBeNull();
    expect(cutter.add("add", 0, item(4))).toMatchObject({ op: "add", part: 0 });
    expect(cutter.flush().map(({ op, part }) => [op, part])).toEqual([
      ["remove", 1],
      ["add", 2],
    ]);
  });
});

describe("names of batches", () => {
  const parcel: Parcel = { op: "add", part: 0, items: [item(1), item(2), item(3)] };

  it("are the same for the same rows and bodies, and others for any other", () => {
    const id = (one: Parcel, plan = "p"): string => batchId(plan, "sync", one, digestOf(bytesOf(one)));
    expect(id(parcel)).toBe(id({ ...parcel, items: [item(1), item(2), item(3)] }));
    const others = [
      id(parcel, "q"),
      id({ ...parcel, op: "update" }),
      id({ ...parcel, part: 2 }),
      id({ ...parcel, items: [item(1), item(2)] }),
      id({ ...parcel, items: [item(1), item(2), item(3, 2)] }),
      id({ ...parcel, items: [item(2), item(1), item(3)] }),
    ];
    expect(new Set([id(parcel), ...others]).size).toBe(7);
  });

  it("halves lose nobody", () => {
    const [left, right] = halves(parcel);
    expect([seqs(left), seqs(right)]).toEqual([[1, 2], [3]]);
  });
});
