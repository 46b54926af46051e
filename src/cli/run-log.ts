/** Events of a run as log lines: text for cron and CI, NDJSON for collectors, and target/runs/<id>/log.ndjson always. */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import type { RunEvent } from "../core.ts";
import { diskFailure } from "../errors.ts";
import { second } from "./figures.ts";
import type { Globals } from "./globals.ts";
import type { Terminal } from "./terminal.ts";

const levels = { debug: 20, info: 30, warn: 40, error: 50 } as const;
/** Progress of one sync is told at most so often off a terminal. */
const progressEveryMs = 30_000;

/** `2026-11-22T06:00:01Z INFO  run.start run=9d1f`; values with blanks are quoted. */
export function eventLine(event: RunEvent, at: number): string {
  const fields = Object.entries(event.fields).map(([name, value]) => `${name}=${plainValue(value)}`);
  return [second(at), event.level.toUpperCase().padEnd(5), event.event.padEnd(12), ...fields].join(" ").trimEnd();
}

function plainValue(value: string | number | boolean | null): string {
  const text = String(value);
  return text === "" || /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}

/** Lets progress of a sync through at most every 30 seconds, everything else always. */
export function progressThrottle(): (event: RunEvent, at: number) => boolean {
  const last = new Map<string, number>();
  return (event, at) => {
    if (event.event !== "sync.progress") return true;
    const sync = String(event.fields["sync"]);
    if (at - (last.get(sync) ?? Number.NEGATIVE_INFINITY) < progressEveryMs) return false;
    last.set(sync, at);
    return true;
  };
}

export interface RunLog {
  write(event: RunEvent): void;
  close(): void;
}

/** Files every event below `runsFolder/<run>` (0600) and tells those of the wanted level on stderr. */
export function openRunLog(options: {
  readonly terminal: Terminal;
  readonly globals: Pick<Globals, "logFormat" | "logLevel">;
  readonly runsFolder: string;
  readonly now: () => number;
  /** False while a live block shows the run: then only NDJSON is printed. */
  readonly plainLines: boolean;
}): RunLog {
  const { terminal, globals } = options;
  const passes = progressThrottle();
  const file = fileAfterRunStart(options.runsFolder, (problem) => terminal.error(`the log ends here: ${problem}`));
  const toFile = logger({ write: (line) => file.write(terminal.masked(line)) }, "debug", options.now);
  const toScreen =
    globals.logFormat === "json"
      ? logger({ write: (line) => terminal.error(line.trimEnd()) }, globals.logLevel, options.now)
      : null;
  return {
    write(event) {
      const at = options.now();
      file.name(event.fields["run"]);
      record(toFile, event);
      if (!passes(event, at)) return;
      if (toScreen !== null) record(toScreen, event);
      else if (options.plainLines && levels[event.level] >= levels[globals.logLevel])
        terminal.error(eventLine(event, at));
    },
    close: () => file.close(),
  };
}

function logger(stream: { write(line: string): void }, level: string, now: () => number): pino.Logger {
  return pino(
    {
      base: null,
      level,
      messageKey: "message",
      timestamp: () => `,"ts":"${second(now())}"`,
      formatters: { level: (label) => ({ level: label }), log: (fields) => fields },
      mixin: () => ({ v: 1 }),
    },
    stream,
  );
}

function record(log: pino.Logger, event: RunEvent): void {
  log[event.level]({ event: event.event, ...event.fields });
}

interface LogFile {
  name(run: unknown): void;
  write(line: string): void;
  close(): void;
}

/** The run's id comes with its first event; lines before it wait in memory. A log that cannot go on stops no run. */
function fileAfterRunStart(runsFolder: string, tell: (problem: string) => void): LogFile {
  let waiting: string[] = [];
  let handle: number | undefined;
  let broken = false;
  const unlessBroken = (work: () => void): void => {
    if (broken) return;
    try {
      work();
    } catch (error) {
      const refused = diskFailure(error, runsFolder);
      if (refused === null) throw error;
      broken = true;
      tell(refused.diagnostics[0]?.message ?? "");
    }
  };
  const open = (run: string): void => {
    const folder = join(runsFolder, run);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    handle = openSync(join(folder, "log.ndjson"), "a", 0o600);
    for (const line of waiting) writeSync(handle, line);
    waiting = [];
  };
  const append = (line: string): void => void (handle === undefined ? waiting.push(line) : writeSync(handle, line));
  return {
    name(run) {
      if (handle === undefined && typeof run === "string" && /^[\w.:-]+$/.test(run)) unlessBroken(() => open(run));
    },
    write: (line) => unlessBroken(() => append(line)),
    close: () => void (handle === undefined ? undefined : closeSync(handle)),
  };
}
