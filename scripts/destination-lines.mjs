#!/usr/bin/env node
/** Lines of each file of the built-in destinations, printed with the median; exits 1 where the median is above 120 or one is above 220. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../destinations/", import.meta.url));
const [most, middle] = [220, 120];
const counted = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({
    name: file.slice(0, -3),
    lines: readFileSync(folder + file, "utf8")
      .trimEnd()
      .split("\n").length,
  }))
  .toSorted((a, b) => a.lines - b.lines);
const median = counted[Math.floor((counted.length - 1) / 2)]?.lines ?? 0;
for (const { name, lines } of counted) console.log(`${String(lines).padStart(4)}  ${name}`);
const types = counted.filter(({ name }) => !name.includes("/")).length;
console.log(
  `${types} destinations in ${counted.length} files, median ${median} lines (at most ${middle}), largest ${counted.at(-1)?.lines} (at most ${most})`,
);
process.exitCode = median > middle || counted.some(({ lines }) => lines > most) ? 1 : 0;
