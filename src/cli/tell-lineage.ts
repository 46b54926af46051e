/** `millrace lineage`: a tree, millrace/lineage/v1, or OpenLineage; what is not known goes to stderr as W252. */
import type { Diagnostic } from "../core.ts";
import { type ExitCode, exitCodes } from "../errors.ts";
import { createLineage, type Lineage } from "../engine/lineage.ts";
import { downstreamOf, type LineageGraph, upstreamOf } from "../engine/lineage-graph.ts";
import type { Project } from "../project/project.ts";
import { openDuckDB } from "../warehouse/duckdb.ts";
import type { z } from "zod";
import type { CommandContext } from "./command.ts";
import { subjectOf } from "./lineage-subject.ts";
import type { lineageSchema } from "./schemas/lineage.ts";
import { hardened, openProject } from "./session.ts";
import { diagnosticsText } from "./text/diagnostics.ts";
import { lineageText } from "./text/lineage.ts";
import { usage } from "./usage.ts";

export async function tellLineage(context: CommandContext): Promise<ExitCode> {
  const { values, terminal, globals } = context;
  const down = values.flag("downstream");
  const open = values.flag("openlineage");
  if (open && (down || globals.json))
    throw usage("--openlineage is JSON of what something is made of: not with --downstream or --json");
  // Which of a model's identifiers are sent, the destination's code tells.
  const { project } = await openProject(context);
  const parser = await openDuckDB({ threads: 1 });
  try {
    const lineage = await createLineage(project, parser, context.env);
    const subject = await subjectOf(project, lineage, context.words[0] ?? "");
    const graph = down ? await downstreamOf(project, lineage, subject) : await upstreamOf(lineage, subject);
    if (open) terminal.json(await openLineage(context, project, lineage, graph));
    else if (globals.json)
      terminal.json(lineageDocument(graph, project.environment.name, down ? "downstream" : "upstream"));
    else terminal.out(lineageText(graph, down ? "downstream" : "upstream", terminal.paintOut));
    const warnings = graph.unknown.map((one) => hardened(unknownPart(one), globals.warnError));
    if (warnings.length > 0) terminal.error(diagnosticsText(warnings, project.root, terminal.errorColours));
    return warnings.some(({ severity }) => severity === "error") ? exitCodes.failed : exitCodes.ok;
  } finally {
    await parser.close();
  }
}

async function openLineage(
  context: CommandContext,
  project: Project,
  lineage: Lineage,
  graph: LineageGraph,
): Promise<unknown> {
  const { openLineageEvents } = await import("../engine/open-lineage.ts");
  const ids = [...new Set(graph.nodes.map(({ relation }) => relation))];
  const relations = await Promise.all(ids.map((id) => lineage.relation(id)));
  return openLineageEvents(project, relations, { now: context.now(), version: context.version });
}

function unknownPart({ relation, reason, at }: LineageGraph["unknown"][number]): Diagnostic {
  const message = `the lineage of ${relation.replace(":", " ")} is not all known: ${reason}`;
  return { code: "W252", severity: "warning", message, ...(at === null ? {} : { at }) };
}

/** The graph as `--json` prints it. */
export function lineageDocument(
  { subject, nodes, edges, unknown }: LineageGraph,
  environment: string,
  direction: "upstream" | "downstream",
): z.output<typeof lineageSchema> {
  return {
    schema: "millrace/lineage/v1",
    environment,
    direction,
    subject: [...subject],
    nodes: nodes.map(({ id, relation, column, how, known }) => {
      const kind = relation.slice(0, relation.indexOf(":")) as "model";
      return { id, kind, name: relation.slice(kind.length + 1), column, how, known };
    }),
    edges: [...edges],
    unknown: [...unknown],
  };
}
