/** What interrupts a run: the first signal asks it to finish its batches, the second ends the process at once. */
export interface Interruption {
  /** Aborted by the first signal, with its name as the reason. */
  readonly signal: AbortSignal;
  /** 130 after SIGINT, 143 after SIGTERM, else undefined. */
  exit(): 130 | 143 | undefined;
}

/** Watches SIGINT and SIGTERM; `force` is called on the second with the exit code to end with. */
export function watchSignals(force: (exit: 130 | 143) => void, tell: (text: string) => void): Interruption {
  const controller = new AbortController();
  let exit: 130 | 143 | undefined;
  const on = (code: 130 | 143) => (signal: NodeJS.Signals) => {
    if (exit !== undefined) return force(code);
    exit = code;
    tell("Finishing the current batches, then stopping; once more to force.");
    controller.abort(signal);
  };
  process.on("SIGINT", on(130));
  process.on("SIGTERM", on(143));
  return { signal: controller.signal, exit: () => exit };
}
