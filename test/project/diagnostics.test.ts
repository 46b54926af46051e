import { describe, expect, it } from "vitest";
import { renderDiagnostic, sourceOf, summary } from "../../src/project/diagnostics.ts";
import { loadProject } from "../../src/project/load.ts";
import { now, projectFolder } from "./sample.ts";

describe("renderDiagnostic", () => {
  it("shows the line, carets and what to do", async () => {
    const root = await projectFolder({
      "models/french.yml":
        "audiences:\n  - name: french\n    modle: customers\n    where: { field: country, is: FR }\n",
    });
    const { diagnostics } = await loadProject({ projectDir: root, now });
    expect(
      diagnostics
        .map((diagnostic) => renderDiagnostic(diagnostic, { source: sourceOf(root), color: false }))
        .join("\n\n"),
    ).toMatchInlineSnapshot(`
      "warning[W310]: destination "crm" is used by no sync
        --> destinations/crm.yml:1:14
         |
       1 | destination: crm
         |              ~~~

      error[E102]: unknown key "modle" in audience "french"
        --> models/french.yml:3:5
         |
       3 |     modle: customers
         |     ^^^^^ did you mean "model"?
         |
         = keys allowed here: name, label, description, owner, tags, meta, config, model, where, sql,
           tests, guards, status, paused_until, exclude, limit"
    `);
  });

  const at = { file: "x.yml", line: 1, column: 4, length: 3 };
  const one = (text: string, hint?: string) =>
    renderDiagnostic(
      { code: "W310", severity: "warning", message: "said", at, ...(hint && { hint }) },
      { source: () => text, color: false },
    );

  it.each([
    ["a: bcd", "warning[W310]: said\n  --> x.yml:1:4\n   |\n 1 | a: bcd\n   |    ~~~"],
    ["a:\tbcd", "warning[W310]: said\n  --> x.yml:1:4\n   |\n 1 | a: bcd\n   |    ~~~"],
    ["", "warning[W310]: said\n  --> x.yml:1:4"],
  ])("%j", (text, expected) => {
    expect(one(text)).toBe(expected);
  });

  it("cuts long lines around the place, and lets no file steer the terminal", () => {
    const text = `${"x".repeat(300)}bad${"y".repeat(300)}`;
    const shown = renderDiagnostic(
      { code: "E101", severity: "error", message: "a\u001B[31mb", at: { ...at, column: 301 } },
      { source: () => text, color: false },
    );
    const [head, , , line, carets] = shown.split("\n");
    expect(head).toBe("error[E101]: a\\u001b[31mb");
    expect(line?.slice(carets?.indexOf("^"), (carets?.indexOf("^") ?? 0) + 3)).toBe("bad");
    expect(line?.length).toBeLessThan(140);
  });

  it("colours only when asked", () => {
    expect(one("a: bcd")).not.toContain("\u001B");
    expect(
      renderDiagnostic({ code: "E101", severity: "error", message: "x" }, { source: () => null, color: true }),
    ).toContain("\u001B[");
  });

  it("has a line for errors without a place", () => {
    expect(
      renderDiagnostic(
        { code: "E010", severity: "error", message: "no millrace.yml", hint: "millrace init" },
        { source: () => null, color: false },
      ),
    ).toBe("error[E010]: no millrace.yml\n  millrace init");
  });
});

it("sums up", () => {
  expect(summary([{ code: "E1", severity: "error", message: "" }], 14, 234)).toBe(
    "Checked 14 files in 0.2 s: 1 error, 0 warnings.",
  );
});
