import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { millraceCommand, root, run } from "./support/cli.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-first-"));
  // What `npm link` puts on the path.
  const quoted = millraceCommand().map((word) => `'${word}'`);
  await writeFile(join(folder, "millrace"), `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`);
  await chmod(join(folder, "millrace"), 0o755);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it("works as the README has it, typed line by line in an empty folder", { timeout: 60_000 }, async () => {
  const lines = commandsOf(await readFile(join(root, "README.md"), "utf8"));
  expect(lines.filter((line) => line.startsWith("millrace "))).toEqual([
    "millrace init",
    "millrace validate",
    "millrace plan",
    "millrace sync",
    "millrace plan",
    "millrace sync",
    "millrace sync",
  ]);
  // One shell for all lines, so that `cd` holds; every line is followed by its exit status.
  const script = lines.map((line) => `${line}\necho "exit $?"`).join("\n");
  const { stdout, stderr } = await run(folder, "sh", ["-c", script], {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}`,
    NO_COLOR: "1",
  });
  const exits = stdout.split("\n").filter((line) => /^exit \d+$/.test(line));
  expect({ exits, stderr: exits.every((line) => line === "exit 0") ? "" : stderr }).toEqual({
    exits: lines.map(() => "exit 0"),
    stderr: "",
  });
  const sent = stdout.split("\n").filter((line) => line.includes("zoe.zander@example.com"));
  expect(sent.map((line) => (JSON.parse(line) as { key: unknown }).key)).toEqual([9001]);
});

/** The lines of the shell blocks between the README's markers. */
function commandsOf(readme: string): readonly string[] {
  const [, section = ""] = /<!-- first-project:begin -->(.*)<!-- first-project:end -->/s.exec(readme) ?? [];
  return [...section.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = ""]) =>
    block.split("\n").filter((line) => line !== ""),
  );
}
