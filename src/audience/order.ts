import { didYouMean } from "../project/suggest.ts";
import { problem, type Compilation } from "./compile.ts";
import type { Place } from "./context.ts";

/**
 * The terms of `limit.order_by` (`lifetime_value desc, last_order_at`), as SQL with NULLs last. Only columns are taken,
 * so that the same text orders alike on every warehouse; records E235 and E237.
 */
export function limitOrder(
  text: string,
  columns: readonly string[],
  source: (column: string) => string,
  place: Place,
  compilation: Compilation,
): readonly string[] {
  return text.split(",").flatMap((term) => {
    const match = /^\s*([\p{L}_][\p{L}\p{N}_$]*|"[^"]+")(?:\s+(asc|desc))?\s*$/iu.exec(term);
    if (match === null) {
      problem(
        compilation,
        "E237",
        `order_by does not understand "${term.trim().slice(0, 200)}"`,
        place,
        "write COLUMN, COLUMN desc, or several with commas",
      );
      return [];
    }
    const column = match[1]!.replaceAll('"', "");
    if (columns.includes(column)) return [`${source(column)} ${(match[2] ?? "asc").toUpperCase()} NULLS LAST`];
    problem(compilation, "E235", `order_by: there is no column "${column}"`, place, didYouMean(column, columns));
    return [];
  });
}
