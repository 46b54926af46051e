import type { Diagnostic } from "../core.ts";
import type { LibraryColumn } from "../project/project.ts";
import { didYouMean } from "../project/suggest.ts";
import type { Column, ColumnFamily } from "../warehouse/warehouse.ts";

const families: Readonly<Record<NonNullable<LibraryColumn["holds"]>, readonly ColumnFamily[]>> = {
  time: ["date", "timestamp", "timestamptz"],
  number: ["integer", "decimal", "float"],
};

/** A column that a call names, and the columns of what it should be a column of. */
export interface Asked {
  readonly named: LibraryColumn;
  readonly columns: readonly Column[];
}

/**
 * What is wrong with the columns that a library call names: E204 one is not there, E246 one holds something else than its parameter
 * takes, or is another type in the second model than in the first. Names compare as SQL compares them.
 */
export function judgeColumns(asked: readonly Asked[]): readonly Diagnostic[] {
  const first = new Map<string, { readonly subject: string; readonly found: Column }>();
  return asked.flatMap(({ named, columns }): readonly Diagnostic[] => {
    const { parameter, column, of, holds, at } = named;
    const subject = "ref" in of ? of.ref : `${of.source}.${of.table}`;
    const found = columns.find(({ name }) => name.toLowerCase() === column.toLowerCase());
    if (found === undefined) return [missing(named, subject, columns)];
    const misfit = (message: string): readonly Diagnostic[] => [
      {
        code: "E246",
        severity: "error",
        message,
        at,
        hint: "convert it in a model of your own, and name that model here",
      },
    ];
    const expected = holds === "time" ? "a date or a time" : "a number";
    if (holds !== undefined && !families[holds].includes(found.family))
      return misfit(`${parameter}= takes ${expected}, and ${subject}.${found.name} is ${found.type}`);
    const other = first.get(parameter);
    if (other === undefined) first.set(parameter, { subject, found });
    else if (other.found.family !== found.family)
      return misfit(`${column} is ${other.found.type} in ${other.subject} and ${found.type} in ${subject}`);
    return [];
  });
}

function missing({ column, at }: LibraryColumn, subject: string, columns: readonly Column[]): Diagnostic {
  const names = columns.map(({ name }) => name);
  const hint = didYouMean(column, names, "its columns");
  const message = `${subject} has no column "${column}"`;
  return { code: "E204", severity: "error", message, at, ...(hint === undefined ? {} : { hint }) };
}
