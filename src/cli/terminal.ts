/** The one place that prints: answers on stdout, talk on stderr; nothing of others' reaches a terminal unfiltered. */
import { styleText } from "node:util";
import { Masker } from "../project/masker.ts";
import { safeColouredText, safeJson, safeText } from "./safe-text.ts";

export type Colour = "red" | "green" | "yellow" | "blue" | "cyan" | "magenta" | "dim" | "bold";
export type ColourMode = "auto" | "always" | "never";

/** A stream as `process.stdout` is one. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Terminal {
  /** A person sits in front of stdout / stderr: off with CI set. */
  readonly outIsInteractive: boolean;
  readonly errorIsInteractive: boolean;
  readonly columns: number;
  /** Prints a line (or several) of the answer. */
  out(text: string): void;
  /** Prints one JSON document. */
  json(document: unknown): void;
  /** Prints talk. */
  error(text: string): void;
  /** Empties the screen behind stdout; only where {@link outIsInteractive}. */
  clear(): void;
  /** Cursor control on stderr, for the live block only; its texts are filtered by the caller. */
  control(text: string): void;
  readonly paintOut: Paint;
  readonly errorColours: boolean;
  /** Secrets to hide from now on, wherever they would be printed. */
  hide(secrets: Masker): void;
  masked(text: string): string;
}

/** Colours a text, or leaves it as it is where the stream shows none. */
export type Paint = (colour: Colour, text: string) => string;

/** Is colour wanted on this stream? NO_COLOR, FORCE_COLOR and TERM=dumb decide where the flag says auto. */
export function showsColour(
  mode: ColourMode,
  isTTY: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (mode !== "auto") return mode === "always";
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  if (env["FORCE_COLOR"] !== undefined) return env["FORCE_COLOR"] !== "0";
  return isTTY && env["TERM"] !== "dumb";
}

export function painter(enabled: boolean): Paint {
  return (colour, text) => (enabled && text !== "" ? styleText(colour, text, { validateStream: false }) : text);
}

/** The terminal over two streams; `mode` is what `--color` says. */
export function createTerminal(
  streams: { readonly stdout: Output; readonly stderr: Output },
  env: Readonly<Record<string, string | undefined>>,
  mode: ColourMode,
): Terminal {
  const continuous = env["CI"] !== undefined && env["CI"] !== "" && env["CI"] !== "false";
  const dumb = env["TERM"] === "dumb";
  const outColours = showsColour(mode, streams.stdout.isTTY === true, env);
  const errorColours = showsColour(mode, streams.stderr.isTTY === true, env);
  const secrets = new Masker();
  const masked = (text: string): string => secrets.mask(text);
  const clean = (text: string, colours: boolean): string => masked(colours ? safeColouredText(text) : safeText(text));
  return {
    outIsInteractive: streams.stdout.isTTY === true && !continuous,
    errorIsInteractive: streams.stderr.isTTY === true && !continuous && !dumb,
    // A terminal of width 0 is one that does not know.
    columns: streams.stderr.columns || streams.stdout.columns || 100,
    out: (text) => void streams.stdout.write(`${clean(text, outColours)}\n`),
    json: (document) => void streams.stdout.write(`${masked(safeJson(document))}\n`),
    error: (text) => void streams.stderr.write(`${clean(text, errorColours)}\n`),
    clear: () => void streams.stdout.write("\u001B[2J\u001B[H"),
    control: (text) => void streams.stderr.write(masked(text)),
    paintOut: painter(outColours),
    errorColours,
    hide: (more) => void secrets.join(more),
    masked,
  };
}
