import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { fixText } from "../../src/project/fix.ts";
import { loadProject } from "../../src/project/load.ts";
import { now, projectFolder } from "./sample.ts";

it("corrects misspelt keys with one candidate and keeps comments and order", async () => {
  const text =
    '# ours\naudiences:\n  - name: french   # who\n    modl: customers\n    "wher": { feild: country, is: FR } # rule\n    zzzz: 1\n';
  const root = await projectFolder({ "models/french.yml": text });
  const { diagnostics } = await loadProject({ projectDir: root, now });
  const { text: fixed, changes } = fixText(
    await readFile(path.join(root, "models/french.yml"), "utf8"),
    diagnostics.filter(({ at }) => at?.file === "models/french.yml"),
  );
  expect(fixed).toBe(
    "# ours\naudiences:\n  - name: french   # who\n    model: customers\n    where: { feild: country, is: FR } # rule\n    zzzz: 1\n",
  );
  expect(changes).toEqual([
    { line: 4, from: "modl", to: "model" },
    { line: 5, from: "wher", to: "where" },
  ]);
});

it("leaves a file alone that it would break", () => {
  const text = "model: a\nmodl: b\n";
  expect(
    fixText(text, [
      {
        code: "E102",
        severity: "error",
        message: "",
        at: { file: "x", line: 2, column: 1 },
        hint: 'did you mean "model"?',
      },
    ]),
  ).toEqual({ text, changes: [] });
});
