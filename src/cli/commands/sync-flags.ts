import type { OptionSpec } from "../command.ts";

/** Flags that sync and retry share. */
export const syncFlags: readonly OptionSpec[] = [
  {
    flags: "--override-guard <code>",
    describe: "let a guard pass: G2, or G2=sync_name (repeatable, needs --reason)",
    repeat: true,
  },
  { flags: "--reason <text>", describe: "why the guard may pass; recorded with your name" },
  { flags: "--max-remove <limit>", describe: "stop when more would be removed: 50, or 10%" },
  { flags: "--wait <time>", describe: "wait for another run's lock: 30s, 10m", default: "0s" },
  { flags: "--skip-tests", describe: "do not run tests first" },
  { flags: "--ping <url>", describe: "tell a cron monitor when it starts and how it ends" },
  { flags: "--metrics-file <file>", describe: "figures for Prometheus' textfile collector" },
];
