import type { Command } from "../command.ts";

export const ls: Command = {
  name: "ls",
  group: "Author",
  summary: "list resources with selectors (--why, --json)",
  arguments: [{ name: "[name...]", describe: "names or selectors; default: everything", completes: "any" }],
  options: [{ flags: "--why", describe: "say why each was selected" }],
  examples: ["millrace ls", "millrace ls -s tag:paid+ --why", "millrace ls type:sync --json"],
  async run(context) {
    const { openProject } = await import("../session.ts");
    const opened = await openProject(context, { loadCode: false });
    const { listDocument } = await import("../selection.ts");
    const document = await listDocument(context, opened);
    if (context.globals.json) {
      context.terminal.json(document);
      return 0;
    }
    if (document.resources.length === 0) return 0;
    // Off a terminal: an id a line, for xargs; on one: with its file.
    const { table } = await import("../table.ts");
    const why = context.values.flag("why");
    if (!context.terminal.outIsInteractive && !why)
      context.terminal.out(document.resources.map((one) => one.id).join("\n"));
    else {
      const rows = document.resources.map((one) => [
        one.id,
        why
          ? one.why.map((reason) => (reason.startsWith("via ") ? reason : `via ${reason}`)).join("; ")
          : `${one.file}:${one.line}`,
        one.status ?? "",
      ]);
      context.terminal.out(table([{ title: "" }, { title: "" }, { title: "" }], rows).join("\n"));
    }
    return 0;
  },
};
