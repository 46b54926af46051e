import type { Location } from "../core.ts";
import { renderTemplate, spotAt, type Resolvers, type Template } from "../project/template.ts";

/** A template with its words replaced, and the way back from a place in the SQL to the place in the file. */
export interface Rendered {
  readonly sql: string;
  /** Where a character of `sql` (counted from 0) comes from. */
  locate(offset: number): Location;
  /** Where line and column of `sql` (counted from 1) come from. */
  locateLine(line: number, column: number): Location;
}

interface Piece {
  readonly from: number;
  readonly at: number;
  readonly length: number;
  /** A replaced word maps to its first character as a whole. */
  readonly whole: boolean;
}

/** Renders the template of a file and remembers where each piece came from. */
export function render(file: string, text: string, template: Template, resolvers: Resolvers): Rendered {
  const pieces: Piece[] = [];
  let sql = "";
  let at = 0;
  for (const part of template.parts) {
    const out = renderTemplate({ parts: [part], problems: [] }, resolvers);
    const end =
      "call" in part
        ? text.indexOf("}}", at) + 2
        : text.startsWith("{#", at)
          ? text.indexOf("#}", at) + 2
          : at + part.text.length;
    pieces.push({ from: sql.length, at, length: end - at, whole: "call" in part });
    sql += out;
    at = end;
  }
  const locate = (offset: number): Location => {
    const piece = pieces.findLast(({ from }) => from <= offset) ?? { from: 0, at: 0, length: 0, whole: true };
    const start = piece.whole ? piece.at : Math.min(piece.at + offset - piece.from, piece.at + piece.length);
    const { line, column, length } = spotAt(text, start, piece.whole ? piece.at + piece.length : start + 1);
    return { file, line, column, length };
  };
  return {
    sql,
    locate,
    locateLine(line, column) {
      let start = 0;
      for (let seen = 1; seen < line; seen += 1) start = sql.indexOf("\n", start) + 1;
      return locate(Math.min(start + column - 1, Math.max(0, sql.length - 1)));
    },
  };
}
