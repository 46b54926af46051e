import type { Json } from "../core.ts";

export interface Parameter {
  readonly parameterType: { readonly type: string };
  readonly parameterValue: { readonly value: string };
}

/** Texts, quoted names and comments, where a question mark is no parameter; else a question mark. Raw and tripled texts are not ours. */
const pieces = /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"|`(?:[^`\\]|\\[^])*`|--[^\n]*|#[^\n]*|\/\*[^]*?\*\/|\?/g;

/**
 * Values for the question marks of a statement, in order. Typed as JSON is: whole numbers INT64, others FLOAT64, lists and
 * objects as JSON text. NULLs are written into the statement instead, because a typed NULL fits columns of its type only.
 */
export function bound(
  sql: string,
  values: readonly Json[],
): { readonly sql: string; readonly parameters: Parameter[] } {
  const parameters: Parameter[] = [];
  let index = 0;
  const written = sql.replace(pieces, (piece) => {
    if (piece !== "?" || index >= values.length) return piece;
    const value = values[index] as Json;
    index += 1;
    if (value === null) return "NULL";
    parameters.push(parameterOf(value));
    return piece;
  });
  return { sql: written, parameters };
}

function parameterOf(value: Exclude<Json, null>): Parameter {
  const [type, text] = typed(value);
  return { parameterType: { type }, parameterValue: { value: text } };
}

function typed(value: Exclude<Json, null>): readonly [type: string, text: string] {
  switch (typeof value) {
    case "string":
      return ["STRING", value];
    case "boolean":
      return ["BOOL", String(value)];
    case "number":
      return [Number.isSafeInteger(value) ? "INT64" : "FLOAT64", String(value)];
    default:
      return ["STRING", JSON.stringify(value)];
  }
}
