/** A live block on a terminal: a line per running sync on stderr, finished lines scroll above it. */
import type { RunEvent } from "../core.ts";
import { count, span } from "./figures.ts";
import { safeText } from "./safe-text.ts";
import { cut } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const redrawEveryMs = 100;
const barCells = 20;

interface Line {
  done: number;
  of: number;
  startedAt: number;
  note: string;
}

export interface LiveBlock {
  update(event: RunEvent): void;
  /** Prints above the block. */
  print(text: string): void;
  /** Hides the block while something asks a question. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** One running sync: `⠸ customers -> meta  ███░░  3,712 / 6,224   88/s  eta 29 s`. */
export function progressLine(label: string, line: Readonly<Line>, now: number, frame: number): string {
  const mark = frames[frame % frames.length]!;
  if (line.of === 0) return `${mark} ${label}  ${line.note === "" ? "planning" : line.note}`;
  const share = Math.min(1, line.done / line.of);
  const filled = Math.round(share * barCells);
  const rate = line.done / Math.max(0.001, (now - line.startedAt) / 1000);
  const rest = rate > 0 && line.done < line.of ? `  eta ${span(((line.of - line.done) / rate) * 1000)}` : "";
  const bar = "█".repeat(filled) + "░".repeat(barCells - filled);
  return `${mark} ${label}  ${bar}  ${count(line.done)} / ${count(line.of)}  ${count(Math.round(rate))}/s${rest}${line.note === "" ? "" : `  ${line.note}`}`;
}

export function openLiveBlock(terminal: Terminal, now: () => number, label: (sync: string) => string): LiveBlock {
  const lines = new Map<string, Line>();
  let shown = 0;
  let frame = 0;
  let paused = false;
  const clear = (): void => {
    if (shown > 0) terminal.control(`\u001b[${shown}A\u001b[J`);
    shown = 0;
  };
  const draw = (): void => {
    if (paused) return;
    clear();
    const texts = [...lines].map(([sync, line]) =>
      cut(safeText(progressLine(label(sync), line, now(), frame)), terminal.columns - 1),
    );
    if (texts.length > 0) terminal.control(`${texts.join("\n")}\n`);
    shown = texts.length;
  };
  const print = (text: string): void => {
    clear();
    terminal.error(text);
    draw();
  };
  const timer = setInterval(() => {
    frame += 1;
    draw();
  }, redrawEveryMs);
  timer.unref();
  return {
    update(event) {
      const sync = typeof event.fields["sync"] === "string" ? event.fields["sync"] : undefined;
      if (sync === undefined) return;
      if (event.event === "sync.done" || event.event === "sync.failed" || event.event === "sync.stopped")
        lines.delete(sync);
      else if (event.event.startsWith("sync.")) lines.set(sync, next(lines.get(sync), event, now()));
    },
    print,
    pause: () => {
      clear();
      paused = true;
    },
    resume: () => {
      paused = false;
    },
    close: () => {
      clearInterval(timer);
      clear();
    },
  };
}

/** The sync has nothing more to show. */
export function isEnd(event: RunEvent): boolean {
  return event.event === "sync.done" || event.event === "sync.failed" || event.event === "sync.stopped";
}

/** The line that stays when a sync is over: its figures in the event's own words. */
export function doneLine(label: string, event: RunEvent): string {
  const mark = event.event === "sync.stopped" ? "!" : event.level === "info" ? "✔" : "✘";
  const words = Object.entries(event.fields)
    .filter(([name]) => name !== "sync" && name !== "run")
    .map(([name, value]) => (typeof value === "number" ? `${count(value)} ${name}` : String(value)));
  return `${mark} ${label}  ${words.join("  ")}`;
}

function next(line: Line | undefined, event: RunEvent, now: number): Line {
  const { done, of } = event.fields;
  const base = line ?? { done: 0, of: 0, startedAt: now, note: "" };
  if (event.event !== "sync.progress") return base;
  return {
    ...base,
    startedAt: base.of === 0 ? now : base.startedAt,
    done: Number(done ?? base.done),
    of: Number(of ?? base.of),
  };
}
