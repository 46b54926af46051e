/**
 * Which part of an audience's movement is the edit's, and which the data's: the ledger keeps how each audience was
 * defined at its last run, and a plan evaluates that definition again on today's data.
 */
import { splitDelta } from "../audience/members.ts";
import { audienceRows } from "../audience/rows.ts";
import type { Diagnostic, PlannedAudience } from "../core.ts";
import { MillraceError } from "../errors.ts";
import { sharedTable } from "../ledger/tables.ts";
import { integer } from "../warehouse/row.ts";
import { definitionText, formerProject } from "./definition-text.ts";
import { sha256 } from "./shape.ts";
import type { Workspace } from "./workspace.ts";

export type EditSplit = Pick<PlannedAudience, "enter_by_edit" | "leave_by_edit"> & {
  /** W522: the definition of the last run can no longer be evaluated. */
  readonly problem?: Diagnostic;
};

export interface Movement {
  readonly audience: string;
  /** Members of the last run and of now: queries of `k`; no last run, no split. */
  readonly before: string | null;
  readonly now: string;
  /** `k` as an expression over the columns of the audience's rows. */
  readonly key: string;
}

/** Counts what the edit moved; nothing where the definition is that of the last run. */
export async function splitByEdit(workspace: Workspace, movement: Movement): Promise<EditSplit> {
  const { audience, before, now, key } = movement;
  const former = before === null ? undefined : workspace.known.definitions.get(audience);
  if (former === undefined || former === definitionText(workspace.project, audience)) return {};
  try {
    const context = await workspace.compileAs(formerProject(workspace.project, former));
    const rows = audienceRows(context, audience);
    const previousDefinition = `SELECT ${key} AS k FROM (\n${rows}\n) d`;
    const [row] = await workspace.warehouse.rows(
      splitDelta(workspace.warehouse.dialect, { previous: before, previousDefinition, current: now }),
    );
    return { enter_by_edit: integer(row, "enter_edit"), leave_by_edit: integer(row, "leave_edit") };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { problem: noLongerRuns(workspace, audience, error) };
  }
}

function noLongerRuns({ project }: Workspace, audience: string, error: MillraceError): Diagnostic {
  const at = project.audiences.get(audience)?.at();
  return {
    code: "W522",
    severity: "warning",
    message: `what your edit of audience "${audience}" moves cannot be told from what the data moves: its last definition no longer runs`,
    ...(at === undefined ? {} : { at }),
    hint: error.diagnostics[0]?.message ?? error.message,
  };
}

/**
 * The statements that keep an audience's definition as that of its last run; none where it is so already. `now` in
 * milliseconds. Whoever runs them says so by {@link definitionKept}.
 */
export function keepDefinition(workspace: Workspace, audience: string, now: number): readonly string[] {
  const { warehouse, ledger, project, known } = workspace;
  const definition = definitionText(project, audience);
  if (known.definitions.get(audience) === definition) return [];
  const values = [sha256(definition), "audience", audience, definition, now];
  return [
    `INSERT INTO ${sharedTable(ledger, "definitions")} VALUES (${values.map((value) => warehouse.dialect.literal(value)).join(", ")})`,
  ];
}

/** It stands in the ledger now. */
export function definitionKept({ project, known }: Workspace, audience: string): void {
  known.definitions.set(audience, definitionText(project, audience));
}
