import { readFile, writeFile } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import type { Diagnostic } from "../core.ts";
import { exitCodes, MillraceError } from "../errors.ts";
import type { Project } from "../project/project.ts";
import type { CommandContext } from "./command.ts";
import type { Report } from "./reporters/report.ts";
import { hardened, openProject, readProject } from "./session.ts";
import { usage } from "./usage.ts";
import { diagnosticsText } from "./text/diagnostics.ts";

/** Checks the project and tells every problem on stderr; the report goes to the reporters. */
export async function validateProject(
  context: CommandContext,
): Promise<{ readonly report: Report; readonly ok: boolean }> {
  const started = context.now();
  const { terminal, values, globals } = context;
  const typed = await unsavedFile(context);
  const options = { loadCode: values.flag("loadCode"), ...(typed === null ? {} : { unsaved: new Map([typed]) }) };
  const first = await readProject(context, options);
  const { root } = first;
  // No project at all is a mistake of the command line, not a finding.
  if (root === null) throw new MillraceError(exitCodes.usage, first.diagnostics);
  const mended = values.flag("fix") && (await mend(context, root, first.diagnostics));
  const loaded = mended ? await readProject(context, options) : first;
  const online =
    loaded.project === null
      ? []
      : values.flag("online")
        ? await askWarehouse(context)
        : await askDbt(context, loaded.project);
  const found = [...loaded.diagnostics, ...online.map((one) => hardened(one, globals.warnError))];
  // An editor asks about the file it shows.
  const diagnostics = typed === null ? found : found.filter((one) => one.at?.file === typed[0]);
  if (diagnostics.length > 0 && !globals.json)
    terminal.error(diagnosticsText(diagnostics, root, terminal.errorColours));
  const report: Report = {
    command: "validate",
    environment: loaded.project?.environment.name ?? globals.environment ?? "",
    diagnostics,
    tests: [],
    files: loaded.files,
    durationMs: context.now() - started,
    version: context.version,
  };
  return { report, ok: !diagnostics.some((one) => one.severity === "error") };
}

/** `--stdin-filename`: the file's path below the project's root, and the text that stands for it. */
async function unsavedFile(context: CommandContext): Promise<readonly [file: string, text: string] | null> {
  const name = context.values.text("stdinFilename");
  if (name === undefined) return null;
  for (const flag of ["fix", "online"])
    if (context.values.flag(flag))
      throw usage(`--stdin-filename looks at a text that is not saved: not with --${flag}`);
  const { findRoot } = await import("../project/files.ts");
  const root = findRoot(resolve(context.folder, context.globals.projectFolder ?? "."));
  if (root === null) return null;
  const file = relative(root, resolve(context.folder, name)).split(sep).join("/");
  if (file === "" || file.startsWith(".."))
    throw usage(`--stdin-filename: ${JSON.stringify(name)} lies outside the project`);
  return [file, await context.readInput()];
}

/** Writes the safe fixes; true when a file changed. */
async function mend(context: CommandContext, root: string, diagnostics: readonly Diagnostic[]): Promise<boolean> {
  const { fixText } = await import("../project/fix.ts");
  const files = [...new Set(diagnostics.flatMap((one) => (one.at === undefined ? [] : [one.at.file])))];
  let changed = false;
  for (const file of files) {
    const path = resolve(root, file);
    const text = await readFile(path, "utf8");
    const fixed = fixText(
      text,
      diagnostics.filter((one) => one.at?.file === file),
    );
    if (fixed.text === text) continue;
    await writeFile(path, fixed.text);
    changed = true;
    for (const { line, from, to } of fixed.changes) context.terminal.error(`fixed ${file}:${line}: ${from} -> ${to}`);
  }
  return changed;
}

/** What dbt's artifacts say of the columns that are used; the warehouse itself, when it is asked, knows better. */
async function askDbt(context: CommandContext, project: Project): Promise<readonly Diagnostic[]> {
  if (project.dbt === undefined) return [];
  const { checkDbtColumns } = await import("./check-dbt-columns.ts");
  return checkDbtColumns(project, context.now());
}

/** What only the warehouse can say: SQL that does not compile, columns that are not there, rules that do not fit. */
async function askWarehouse(context: CommandContext): Promise<readonly Diagnostic[]> {
  const opened = await openProject(context, { loadCode: false });
  const { withWorkbench } = await import("./workbench.ts");
  const { checkMembership } = await import("../audience/rows.ts");
  const { checkColumns } = await import("../project/check-columns.ts");
  try {
    return await withWorkbench(context, opened, async ({ compiler, audiences, session }) => {
      const columnsOf = (model: string): readonly string[] | null => {
        try {
          return compiler.columns(model).map((column) => column.name);
        } catch {
          // The SQL does not run: told by compiler.diagnostics().
          return null;
        }
      };
      const broken = [...compiler.diagnostics(), ...checkColumns(opened.project, columnsOf)];
      const names = [...opened.project.segments.keys(), ...opened.project.audiences.keys()];
      // Rules over models that do not run would say the same once more.
      const rules = broken.length > 0 ? [] : names.flatMap((name) => checkMembership(audiences, name));
      return [...session.warnings, ...broken, ...rules];
    });
  } catch (error) {
    if (error instanceof MillraceError) return error.diagnostics;
    throw error;
  }
}
