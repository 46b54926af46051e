/** Figures as a markdown table, and its place in README.md. */
import { floorText, ratioText, verdict, type Figure } from "./figure.ts";

export interface Circumstances {
  /** Day of the run. */
  readonly at: string;
  readonly machine: string;
  /** Load average of one minute, before and after. */
  readonly load: readonly [number, number];
  readonly minutes: number;
}

export function tableOf(figures: readonly Figure[], { at, machine, load, minutes }: Circumstances): string {
  const rows = figures.map((figure) => {
    const { name, measured, against, ratio, floors, note } = figure;
    const cells = [
      name.trim(),
      measured,
      against,
      ratio === null ? "" : ratioText(ratio),
      floors.map(floorText).join("; "),
      verdict(figure),
      note ?? "",
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return `Measured ${at} on ${machine}; load average ${load[0].toFixed(1)} before and ${load[1].toFixed(1)} after, ${minutes.toFixed(0)} minutes. Medians; CPU is user + system.

| figure | measured | against | ratio | floor |  | note |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}

const begin = "<!-- bench:begin -->";
const end = "<!-- bench:end -->";

/** The text with everything between the markers replaced by the table; throws where there are no markers. */
export function intoReadme(readme: string, table: string): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin} … ${end}`);
  return `${readme.slice(0, from + begin.length)}\n\n${table}\n${readme.slice(to)}`;
}
