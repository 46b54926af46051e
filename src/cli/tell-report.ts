/** The report of validate or test through every reporter that was asked for; files are written, one goes to stdout. */
import { resolve } from "node:path";
import { writeArtifact } from "./artifacts.ts";
import type { CommandContext } from "./command.ts";
import { githubReporter } from "./reporters/github.ts";
import { jsonReporter } from "./reporters/json.ts";
import { junitReporter } from "./reporters/junit.ts";
import type { Report, Reporter } from "./reporters/report.ts";
import { sarifReporter } from "./reporters/sarif.ts";
import { textReporter } from "./reporters/text.ts";
import { usage } from "./usage.ts";

interface Wanted {
  readonly name: string;
  readonly file: string | undefined;
}

export async function tellReport(context: CommandContext, report: Report): Promise<void> {
  const reporters: Readonly<Record<string, Reporter>> = {
    text: textReporter(context),
    json: jsonReporter,
    junit: junitReporter,
    github: githubReporter,
    sarif: sarifReporter,
  };
  const wanted = wantedReporters(context);
  for (const { name, file } of wanted) {
    const reporter = reporters[name];
    if (reporter === undefined)
      throw usage(`--reporter ${JSON.stringify(name)} is unknown`, `there are ${Object.keys(reporters).join(", ")}`);
    const text = reporter(report);
    if (file !== undefined)
      await writeArtifact(
        resolve(context.folder, file),
        context.terminal.masked(text.endsWith("\n") ? text : `${text}\n`),
        0o644,
      );
    else if (text.trim() !== "") context.terminal.out(text.trimEnd());
  }
}

/** What `--reporter` says; without it text, or JSON under --json, and annotations on GitHub. */
function wantedReporters(context: CommandContext): readonly Wanted[] {
  const asked = context.values.list("reporter").map((text): Wanted => {
    const at = text.indexOf(":");
    return at < 0 ? { name: text, file: undefined } : { name: text.slice(0, at), file: text.slice(at + 1) };
  });
  const { json } = context.globals;
  const printed = asked.some((one) => one.file === undefined);
  const actions = context.env["GITHUB_ACTIONS"] === "true" && !json && !asked.some((one) => one.name === "github");
  return [
    ...(json ? [{ name: "json", file: undefined }] : printed ? [] : [{ name: "text", file: undefined }]),
    ...asked.filter((one) => !json || one.file !== undefined),
    ...(actions ? [{ name: "github", file: undefined }] : []),
  ];
}
