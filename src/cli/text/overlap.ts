import type { OverlapMatrix } from "../../audience/overlap.ts";
import { count, percent } from "../figures.ts";
import { table } from "../table.ts";
import type { Paint } from "../terminal.ts";

/** millrace/overlap/v1: each pair once. */
export function overlapDocument(matrix: OverlapMatrix, environment: string): object {
  const { names, sizes, shared, share } = matrix;
  const pairs = names.flatMap((a, i) =>
    names.slice(i + 1).map((b, step) => ({
      a,
      b,
      both: shared[i]![i + 1 + step]!,
      share_of_a: share[i]![i + 1 + step] ?? 0,
      share_of_b: share[i + 1 + step]![i] ?? 0,
    })),
  );
  return {
    schema: "millrace/overlap/v1",
    environment,
    sizes: Object.fromEntries(names.map((name, i) => [name, sizes[i]!])),
    pairs,
  };
}

/** A row an audience: its size, and the part of it that is in each other one. */
export function overlapText(matrix: OverlapMatrix, paint: Paint): string {
  const { names, sizes, shared, share } = matrix;
  const cell = (i: number, j: number): string =>
    i === j ? "" : `${count(shared[i]![j]!)}${share[i]![j] === null ? "" : ` (${percent(share[i]![j]!)})`}`;
  const [head = "", ...lines] = table(
    [
      { title: "of" },
      { title: "people", align: "right" },
      ...names.map((name) => ({ title: `also in ${name}`, align: "right" as const })),
    ],
    names.map((name, i) => [name, count(sizes[i]!)].concat(names.map((_, j) => cell(i, j)))),
  );
  return [paint("bold", head), ...lines].join("\n");
}
