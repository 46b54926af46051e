import type { Command } from "../command.ts";

export const compile: Command = {
  name: "compile",
  group: "More",
  summary: "write the SQL of models, segments and audiences to target/compiled",
  arguments: [{ name: "[name...]", describe: "default: all", completes: "any" }],
  options: [{ flags: "--print", describe: "print the SQL instead of writing files" }],
  examples: ["millrace compile", "millrace compile lapsed_buyers --print"],
  async run(context) {
    const { openProject } = await import("../session.ts");
    const opened = await openProject(context, { loadCode: false });
    const { selectQueryable } = await import("../selection.ts");
    const { withWorkbench } = await import("../workbench.ts");
    const names = await selectQueryable(context, opened);
    const files = await withWorkbench(context, opened, async (bench) =>
      names.map((name) => ({ name, file: `compiled/${name}.sql`, sql: `${bench.query(name)}\n` })),
    );
    if (!context.values.flag("print")) {
      const { join } = await import("node:path");
      const { writeArtifact } = await import("../artifacts.ts");
      for (const { file, sql } of files) await writeArtifact(join(opened.target, file), sql);
    }
    if (context.globals.json)
      context.terminal.json({ schema: "millrace/compile/v1", environment: opened.project.environment.name, files });
    else if (context.values.flag("print"))
      context.terminal.out(files.map(({ name, sql }) => `-- ${name}\n${sql.trimEnd()}\n;`).join("\n\n"));
    else {
      const { tellDone } = await import("../tell-done.ts");
      const { amount } = await import("../figures.ts");
      tellDone(context, {
        command: "compile",
        message: `Compiled ${amount(files.length, "query", "queries")}`,
        files: files.map(({ file }) => `${context.globals.targetFolder}/${file}`),
      });
    }
    return 0;
  },
};
