/** A project in a folder that sends its people to one real server, and the command killed while it does. */
import { spawn } from "node:child_process";
import { millraceCommand } from "../e2e/support/cli.ts";
import { startLab, type Lab, type SeedRow } from "../e2e/platforms/lab.ts";
import { until } from "./servers/needs.ts";

export const people = (from: number, to: number, more: (id: number) => SeedRow = () => ({})): readonly SeedRow[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    id: from + index,
    email: `p${from + index}@example.com`,
    name: `P${from + index}`,
    points: 10 * (from + index),
    ...more(from + index),
  }));

/** `destination` and `sync`: their YAML below the names. */
export function startProject(destination: string, sync: string): Promise<Lab> {
  return startLab({
    "models/customers.sql": "select * from {{ ref('people') }}\n",
    "models/models.yml": `seeds:
  - name: people
    column_types: { id: bigint, email: varchar, name: varchar, points: bigint }
models:
  - { name: customers, primary_key: id }
syncs:
  - name: there
    model: customers
    destination: there
    rejected_rows: { warn: 100%, fail: 100% }
    ${sync}
`,
    "destinations/there.yml": `destination: there\n${destination}\nlate: 0s\n`,
  });
}

/** `millrace sync` as a process of its own, killed with SIGKILL as soon as `when` is true. */
export async function killedSync(
  { root }: Lab,
  env: Readonly<Record<string, string>>,
  when: () => boolean | Promise<boolean>,
): Promise<void> {
  const [program, ...words] = millraceCommand();
  const child = spawn(program, [...words, "sync", "--yes"], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: "pipe",
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<string | null>((resolve) => child.on("close", (_, signal) => resolve(signal)));
  try {
    await until(when, () => said);
  } finally {
    child.kill("SIGKILL");
  }
  if ((await ended) !== "SIGKILL") throw new Error(`it ended before it was killed: ${said}`);
}
