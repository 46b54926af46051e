/** Figures of the benches: how they are timed, compared with their floors, printed and handed to main.ts. */
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";

/** A limit a figure's ratio is held to; decision 21 corrected some of sync-engine.md's, then both are printed. */
export interface Floor {
  readonly is: "at most" | "at least";
  readonly limit: number;
  /** Which page says so, where two pages differ. */
  readonly from?: string;
}

export interface Figure {
  readonly name: string;
  /** What was measured, with its unit: `4.41 s`, `214 k rows/s`. */
  readonly measured: string;
  /** What `ratio` is relative to: `bare join 1.84 s`. Empty when the ratio is an absolute number. */
  readonly against: string;
  /** The number the floors speak of; null for figures printed beside others. */
  readonly ratio: number | null;
  readonly floors: readonly Floor[];
  readonly note?: string;
}

/** Sizes of one run of the benches. */
export interface Size {
  /** Small sizes, only to see that the scripts work. */
  readonly quick: boolean;
  /** The largest sizes too: 50 M rows of diff, 10 M of delivery. */
  readonly full: boolean;
  readonly rounds: number;
  /** Rows of the large figures: 10 M unless quick. */
  readonly rows: number;
}

/** Seconds on the wall and of CPU (user + system) that some work took. */
export interface Took {
  readonly wall: number;
  readonly cpu: number;
}

export async function timed(work: () => unknown): Promise<Took> {
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  await work();
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  const used = process.cpuUsage(cpu);
  return { wall, cpu: (used.user + used.system) / 1e6 };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

export const medianOf = (took: readonly Took[]): Took => ({
  wall: median(took.map(({ wall }) => wall)),
  cpu: median(took.map(({ cpu }) => cpu)),
});

/** Medians of several works, their rounds interleaved: what else the machine does then hits all alike. */
export async function rounds<Name extends string>(
  count: number,
  works: Readonly<Record<Name, () => unknown>>,
): Promise<Readonly<Record<Name, Took>>> {
  const names = Object.keys(works) as Name[];
  const took = new Map<Name, Took[]>(names.map((name) => [name, []]));
  for (let round = 0; round < count; round += 1) {
    for (const name of names) took.get(name)?.push(await timed(works[name]));
  }
  return Object.fromEntries(names.map((name) => [name, medianOf(took.get(name) ?? [])])) as Record<Name, Took>;
}

export const seconds = ({ wall, cpu }: Took): string => `${wall.toFixed(2)} s (cpu ${cpu.toFixed(2)} s)`;
export const perSecond = (rows: number, { wall }: Took, unit = "rows"): string => `${amount(rows / wall)} ${unit}/s`;

/** 1,234 · 214 k · 1.9 M */
export function amount(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1).replace(/\.0$/, "")} M`;
  if (value >= 10_000) return `${Math.round(value / 1000)} k`;
  return Math.round(value).toLocaleString("en-US");
}

export const atMost = (limit: number, from?: string): Floor => ({
  is: "at most",
  limit,
  ...(from === undefined ? {} : { from }),
});
export const atLeast = (limit: number, from?: string): Floor => ({
  is: "at least",
  limit,
  ...(from === undefined ? {} : { from }),
});

export const meets = (ratio: number, { is, limit }: Floor): boolean =>
  is === "at most" ? ratio <= limit : ratio >= limit;

export function floorText({ is, limit, from }: Floor): string {
  return `${is === "at most" ? "≤" : "≥"} ${limit >= 1000 ? limit.toLocaleString("en-US") : limit}${from === undefined ? "" : ` (${from})`}`;
}

/** `reached`, `missed`, or nothing for figures without a floor; the last floor named decides. */
export function verdict({ ratio, floors }: Figure): string {
  const last = floors.at(-1);
  return ratio === null || last === undefined ? "" : meets(ratio, last) ? "reached" : "missed";
}

function lineOf(figure: Figure, { quick }: Size): string {
  const { name, measured, against, ratio, floors, note } = figure;
  // Small sizes say nothing about floors: everything is start-up.
  if (quick) return `${name}: ${measured}`;
  const parts = [
    `${name}: ${measured}`,
    ...(against === "" ? [] : [`against ${against}`]),
    ...(ratio === null ? [] : [`ratio ${ratioText(ratio)}`]),
    ...floors.map(floorText),
    verdict(figure),
    note ?? "",
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

export const ratioText = (ratio: number): string =>
  ratio >= 1000 ? Math.round(ratio).toLocaleString("en-US") : ratio.toFixed(2);

const options = (): Size => {
  const quick = process.argv.includes("--quick");
  const rows = Number(
    process.argv.find((word) => word.startsWith("--rows="))?.slice("--rows=".length) ?? (quick ? 20_000 : 10_000_000),
  );
  return { quick, full: process.argv.includes("--full"), rounds: quick ? 1 : 3, rows };
};

/** Says on stderr what is being done: the large sizes take minutes. */
export function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

/** Runs one bench: prints its figures and the machine's load, and leaves them to main.ts in the file it names. */
export async function bench(work: (size: Size) => Promise<readonly Figure[]>): Promise<void> {
  const before = loadavg()[0] ?? 0;
  const size = options();
  const figures = await work(size);
  for (const figure of figures) process.stdout.write(`${lineOf(figure, size)}\n`);
  process.stdout.write(`load average ${before.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after\n`);
  const file = process.env["MILLRACE_BENCH_OUT"];
  if (file !== undefined) writeFileSync(file, JSON.stringify(figures));
}
