/** The schema under which {@link plainSql} names what ref() reads: no database has one of this name. */
export const refSchema = "{{ref}}";

/**
 * SQL that dbt has not compiled (`dbt parse`), made readable without Jinja: config() and comments go, ref('x') becomes a
 * table of {@link refSchema}, source() one that nobody knows. Null when anything else of Jinja is in it.
 */
export function plainSql(code: string): string | null {
  const sql = code
    .replaceAll(/\{#[\s\S]*?#\}/g, " ")
    .replaceAll(/\{\{-?\s*config\([\s\S]*?\)\s*-?\}\}/g, " ")
    .replaceAll(/\{\{-?\s*ref\(\s*['"](\w+)['"]\s*\)\s*-?\}\}/g, (_call, name: string) => `"${refSchema}"."${name}"`)
    .replaceAll(/\{\{-?\s*source\(\s*['"]\w+['"]\s*,\s*['"]\w+['"]\s*\)\s*-?\}\}/g, '"{{source}}"."unknown"');
  return /\{[{%]/.test(sql.replaceAll(`"${refSchema}"`, "").replaceAll('"{{source}}"', "")) ? null : sql;
}
