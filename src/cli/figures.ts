/** Figures as people read them: thousands separators, shares, spans of time, sparklines. */

/** `12345` -> `12,345`. */
export function count(value: number): string {
  // The first toLocaleString of a process loads the locales of the world: 13 ms of every command.
  if (!Number.isSafeInteger(value)) return value.toLocaleString("en-US");
  return String(value).replace(/\B(?=(?:\d{3})+(?!\d))/g, ",");
}

/** `0` -> `-` as in the plan's tables, else {@link count}. */
export function countOrDash(value: number): string {
  return value === 0 ? "-" : count(value);
}

/** `5` -> `+5`, `0` -> `-`. */
export function signed(value: number): string {
  return value === 0 ? "-" : `${value > 0 ? "+" : "-"}${count(Math.abs(value))}`;
}

/** Plural by s: `1 row`, `2 rows`. */
export function amount(value: number, noun: string, plural: string = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** A share: `0.314` -> `31.4 %`, small ones with two decimals. */
export function percent(share: number): string {
  const value = share * 100;
  const digits = value !== 0 && Math.abs(value) < 1 ? 2 : 1;
  return `${value.toFixed(digits).replace(/\.0+$/, "")} %`;
}

/** Growth from before to now with its sign: `+31.4 %`; empty without a before. */
export function growth(before: number, now: number): string {
  if (before === 0) return now === 0 ? "" : "new";
  const share = (now - before) / before;
  return share === 0 ? "0 %" : `${share > 0 ? "+" : ""}${percent(share)}`;
}

/** Milliseconds as `320 ms`, `3.9 s`, `2 min`, `5 h`, `3 days`. */
export function span(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (milliseconds < 100) return `${Math.round(milliseconds)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(seconds / 3600);
  return hours < 48 ? `${hours} h` : amount(Math.round(hours / 24), "day");
}

/** `5 min ago`, `in 24 h`, `-` for null; both times in milliseconds since the epoch. */
export function relative(at: string | null, now: number): string {
  if (at === null) return "-";
  const difference = Date.parse(at) - now;
  if (Number.isNaN(difference)) return at;
  if (Math.abs(difference) < 1000) return "now";
  return difference > 0 ? `in ${span(difference)}` : `${span(-difference)} ago`;
}

/** UTC to the minute: `2026-11-22 06:05 UTC`. */
export function minute(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/** UTC to the second, as log lines have it: `2026-11-22T06:00:01Z`. */
export function second(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** Bytes as `4.2 GB`, decimal units. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** One bar a value, scaled between the smallest and the largest; `·` for null. */
export function sparkline(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known);
  const high = Math.max(...known);
  return values
    .map((value) => {
      if (value === null) return "·";
      if (high === low) return "▄";
      return "▁▂▃▄▅▆▇█"[Math.round(((value - low) / (high - low)) * 7)];
    })
    .join("");
}
