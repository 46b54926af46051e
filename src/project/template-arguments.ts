/** What stands between a word's parentheses: texts in quotes, numbers, true and false, each perhaps with a name before it. */

export interface Argument {
  /** `gap` of `gap='30min'`; null where only the value stands. */
  readonly name: string | null;
  readonly value: string | number | boolean;
  /** Its first character and the one behind its last, counted in the text. */
  readonly start: number;
  readonly stop: number;
}

const argument =
  /\s*((?:([a-z_][a-z0-9_]*)\s*=\s*)?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?)|(true|false)))\s*(,|$)/dy;

/** Takes the arguments apart; null when anything else is found. */
export function parseArguments(text: string): readonly Argument[] | null {
  const found: Argument[] = [];
  argument.lastIndex = 0;
  while (argument.lastIndex < text.length) {
    if (text.slice(argument.lastIndex).trim() === "") break;
    const match = argument.exec(text);
    if (match === null) return null;
    const [, , name = null, single, double, number, word, comma] = match;
    const [start, stop] = match.indices?.[1] ?? [0, 0];
    const quoted = single ?? double;
    const value =
      quoted !== undefined
        ? quoted.replaceAll(/\\(.)/g, "$1")
        : number !== undefined
          ? Number(number)
          : word === "true";
    found.push({ name, value, start, stop });
    if (comma === "") break;
  }
  return found;
}
