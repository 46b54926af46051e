/** Statements of the engine by kind: what is done to which table. Names of syncs, runs and audiences say nothing about it. */

/** `UPDATE lock`, `SELECT sent`, `TRANSACTION state`: the verb, and the first table of ours that is named. */
export function kindOf(sql: string): string {
  const plain = sql.toLowerCase().replaceAll(/[`"]/g, "").trim();
  const [verb = ""] = /^[a-z]+/.exec(plain) ?? [];
  const [, schema = "", table = ""] = /millrace_(?:[a-z]+_)?(shop|scratch)\.([a-z]+(?:_[a-z]+)*)/.exec(plain) ?? [];
  if (verb === "create") return plain.startsWith("create schema") ? "CREATE SCHEMA" : `CREATE ${schema}`;
  if (plain.includes("information_schema")) return "SELECT tables";
  return `${verb === "begin" && plain.includes(";") ? "TRANSACTION" : verb.toUpperCase()} ${table}`.trim();
}

/** Numbers in [0, 1) that a seed draws (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Places of statements, counted from 1: one of each kind, and `more` of the others. */
export function drawn(statements: readonly string[], more: number, random: () => number): readonly number[] {
  const byKind = new Map<string, number[]>();
  for (const [at, sql] of statements.entries()) {
    const kind = kindOf(sql);
    byKind.set(kind, [...(byKind.get(kind) ?? []), at + 1]);
  }
  const pick = (places: readonly number[]): number => places[Math.floor(random() * places.length)] as number;
  const chosen = new Set([...byKind.values()].map(pick));
  const left = statements.map((_, at) => at + 1).filter((n) => !chosen.has(n));
  for (let count = 0; count < more && left.length > 0; count += 1)
    chosen.add(left.splice(Math.floor(random() * left.length), 1)[0] as number);
  return [...chosen].toSorted((a, b) => a - b);
}
