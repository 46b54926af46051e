import type { Location, TestResult } from "../core.ts";
import { MillraceError } from "../errors.ts";
import { before, parseDuration } from "../project/duration.ts";
import type { Freshness, Project } from "../project/project.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { integerOrNull } from "../warehouse/row.ts";
import type { Session } from "./session.ts";
import { wordsOf } from "./words.ts";

/** How old each source with `freshness:` is, counted from as_of (decision 4); a failed one trips guard G7. Subject: `shop.orders`. */
export async function testFreshness(project: Project, session: Session): Promise<readonly TestResult[]> {
  const results: TestResult[] = [];
  for (const source of project.sources.values()) {
    for (const [index, table] of source.spec.tables.entries()) {
      const freshness = table.freshness ?? source.spec.freshness;
      if (freshness === undefined) continue;
      const at = source.at(table.freshness === undefined ? ["freshness"] : ["tables", index, "freshness"]);
      const subject = `${source.name}.${table.name}`;
      const relation = (): string => session.relationOf({ source: source.name, table: table.name });
      results.push(
        await judgeAge(session.warehouse, { subject, freshness, at, asOf: String(project.vars["as_of"]), relation }),
      );
    }
  }
  return results;
}

/** The newest moment in each source table with `freshness:`, milliseconds since the epoch; tables that cannot be read are left out. */
export async function newestOfSources(
  project: Project,
  session: Session,
): Promise<readonly { readonly subject: string; readonly newestAt: number }[]> {
  const found: { subject: string; newestAt: number }[] = [];
  for (const source of project.sources.values()) {
    for (const table of source.spec.tables) {
      const freshness = table.freshness ?? source.spec.freshness;
      if (freshness === undefined) continue;
      try {
        const sql = newestSql(
          session.warehouse,
          freshness.field,
          session.relationOf({ source: source.name, table: table.name }),
        );
        const [row] = await session.warehouse.rows(sql);
        const newestAt = integerOrNull(row, "newest");
        if (newestAt !== null) found.push({ subject: `${source.name}.${table.name}`, newestAt });
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error;
      }
    }
  }
  return found;
}

function newestSql(warehouse: Warehouse, field: string, relation: string): string {
  return `SELECT ${wordsOf(warehouse.dialect).epochMs(`max(${warehouse.dialect.quote(field)})`)} AS newest FROM ${relation}`;
}

export interface AgeInput {
  readonly subject: string;
  readonly freshness: Freshness;
  readonly at: Location;
  readonly asOf: string;
  /** A relation or a query in parentheses; may throw, which is the test's error. */
  relation(): string;
}

/** One freshness test. A table without any time counts as older than every limit. */
export async function judgeAge(warehouse: Warehouse, input: AgeInput): Promise<TestResult> {
  const started = performance.now();
  const { subject, freshness, at } = input;
  const base = { kind: "freshness" as const, name: `${subject} › freshness`, subject, at };
  const finish = (rest: Pick<TestResult, "status" | "message"> & { sql?: string }): TestResult => ({
    ...base,
    detail: [],
    ...rest,
    durationMs: performance.now() - started,
  });
  try {
    const sql = newestSql(warehouse, freshness.field, input.relation());
    const [row] = await warehouse.rows(sql);
    const newestAt = integerOrNull(row, "newest");
    const now = Date.parse(input.asOf);
    const found =
      newestAt === null
        ? `${freshness.field} has no value`
        : `newest ${freshness.field} is ${new Date(newestAt).toISOString()}, ${age(now - newestAt)} old`;
    if (olderThan(now, newestAt, freshness.fail))
      return finish({ status: "failed", message: `${found}; at most ${freshness.fail} is allowed`, sql });
    if (olderThan(now, newestAt, freshness.warn))
      return finish({ status: "warned", message: `${found}; more than ${freshness.warn}`, sql });
    return finish({ status: "passed", message: found, sql });
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return finish({ status: "errored", message: error.diagnostics[0]?.message ?? error.message });
  }
}

function olderThan(now: number, at: number | null, limit: string | undefined): boolean {
  if (limit === undefined) return false;
  const duration = parseDuration(limit);
  if ("problem" in duration) return false;
  return at === null || at < before(now, duration);
}

/** `3 d 4 h`, `12 min`. */
function age(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
