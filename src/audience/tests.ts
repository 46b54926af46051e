/** Audience tests: sizes, shares, set relations and people who must be in; one statement each. */
import type { Json, Location, TestResult } from "../core.ts";
import { failure, MillraceError } from "../errors.ts";
import type { AudienceTestSpec } from "../project/project.ts";
import { integer } from "../warehouse/row.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { membership, primaryKey, type AudienceContext } from "./context.ts";
import { derived, qualified } from "./key.ts";
import { audienceRows, memberTexts } from "./rows.ts";
import { wordsOf } from "./words.ts";

export interface AudienceTestTools {
  readonly warehouse: Pick<Warehouse, "rows">;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** What stands for a person in text that may be kept: the HMAC of the key, cut. */
  readonly person: (k: string) => string;
}

const examples = 5;

/** Runs the tests of an audience or segment in their order. A test that cannot run is `errored`, never thrown. */
export async function runAudienceTests(
  context: AudienceContext,
  name: string,
  tools: AudienceTestTools,
): Promise<readonly TestResult[]> {
  const resource = membership(context, name);
  const results: TestResult[] = [];
  for (const [index, test] of resource.spec.tests.entries()) {
    results.push(await runOne(context, name, test, resource.at(["tests", index]), tools));
  }
  return results;
}

/** The statement of a test: one row of counts, with the key texts of a few offenders where there are any. */
export function audienceTestSql(context: AudienceContext, name: string, test: AudienceTestSpec): string {
  const members = memberTexts(context, name);
  const offenders = (query: string): string => wordsOf(context.dialect).countWithFirst(derived(query, "o"), examples);
  switch (test.type) {
    case "size":
      return `SELECT COUNT(*) AS total FROM ${derived(members, "a")}`;
    case "share_with_identifier": {
      const column = identifierColumn(context, name, test.identifier);
      return `SELECT COUNT(*) AS total, COUNT(${qualified(context.dialect, "a", column)}) AS hits FROM ${derived(audienceRows(context, name), "a")}`;
    }
    case "overlap":
      return `SELECT COUNT(*) AS total, COUNT(b.k) AS hits FROM ${derived(members, "a")} LEFT JOIN ${derived(othersTexts(context, name, test.with), "b")} ON a.k = b.k`;
    case "disjoint_from":
      return offenders(
        `SELECT a.k FROM ${derived(members, "a")} JOIN ${derived(othersTexts(context, name, test.other), "b")} ON a.k = b.k`,
      );
    case "subset_of":
      return offenders(
        `SELECT a.k FROM ${derived(members, "a")} LEFT JOIN ${derived(othersTexts(context, name, test.other), "b")} ON a.k = b.k WHERE b.k IS NULL`,
      );
    case "contains":
      return offenders(
        `SELECT w.k FROM ${derived(wantedKeys(context, name, test.keys), "w")} LEFT JOIN ${derived(members, "a")} ON a.k = w.k WHERE a.k IS NULL`,
      );
  }
}

async function runOne(
  context: AudienceContext,
  name: string,
  test: AudienceTestSpec,
  at: Location,
  tools: AudienceTestTools,
): Promise<TestResult> {
  const started = tools.now();
  const base = { kind: "audience" as const, name: `${name} › ${title(test)}`, subject: name, at };
  try {
    const sql = audienceTestSql(context, name, test);
    const [row = {}] = await tools.warehouse.rows(sql);
    const verdict = judge(test, integer(row, "total"), "hits" in row ? integer(row, "hits") : 0);
    return {
      ...base,
      ...verdict,
      status: verdict.failures === 0 ? "passed" : "failed",
      detail: peopleOf(row["people"]).map((k) => `person ${tools.person(k)}`),
      sql,
      durationMs: tools.now() - started,
    };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { ...base, status: "errored", message: error.message, detail: [], durationMs: tools.now() - started };
  }
}

/** Key texts as a list, as its JSON, or none. */
function peopleOf(cell: unknown): readonly string[] {
  const list: unknown = typeof cell === "string" ? JSON.parse(cell) : cell;
  return Array.isArray(list) ? list.map(String) : [];
}

/** What was found against what was asked; `failures` counts people who break the test, or 1 where a limit is broken. */
function judge(
  test: AudienceTestSpec,
  total: number,
  hits: number,
): { readonly message: string; readonly failures: number } {
  switch (test.type) {
    case "size": {
      const ok = total >= (test.min ?? 0) && total <= (test.max ?? Infinity);
      return { message: `${total} people, expected ${range(test.min, test.max, String)}`, failures: ok ? 0 : 1 };
    }
    case "share_with_identifier": {
      const ok = total === 0 || hits / total >= test.min;
      return {
        message: `${percent(share(hits, total))} have ${test.identifier} (${hits} of ${total}), expected at least ${percent(test.min)}`,
        failures: ok ? 0 : total - hits,
      };
    }
    case "overlap": {
      const part = share(hits, total);
      const ok = part >= (test.min ?? 0) && part <= (test.max ?? 1);
      return {
        message: `${percent(part)} are also in ${test.with} (${hits} of ${total}), expected ${range(test.min, test.max, percent)}`,
        failures: ok ? 0 : 1,
      };
    }
    case "disjoint_from":
      return {
        message: total === 0 ? `nobody is also in ${test.other}` : `${total} people are also in ${test.other}`,
        failures: total,
      };
    case "subset_of":
      return {
        message: total === 0 ? `everybody is also in ${test.other}` : `${total} people are not in ${test.other}`,
        failures: total,
      };
    case "contains":
      return {
        message:
          total === 0
            ? `all ${test.keys.length} named people are in`
            : `${total} of ${test.keys.length} named people are not in`,
        failures: total,
      };
  }
}

function title(test: AudienceTestSpec): string {
  switch (test.type) {
    case "share_with_identifier":
      return `share_with_identifier ${test.identifier}`;
    case "disjoint_from":
    case "subset_of":
      return `${test.type} ${test.other}`;
    case "overlap":
      return `overlap ${test.with}`;
    default:
      return test.type;
  }
}

function othersTexts(context: AudienceContext, name: string, other: string): string {
  const [mine, theirs] = [membership(context, name).spec.model, membership(context, other).spec.model];
  if (mine === theirs) return memberTexts(context, other);
  throw failure(
    "E233",
    `"${other}" is about model "${theirs}", "${name}" about "${mine}": their members cannot be compared`,
  );
}

function identifierColumn(context: AudienceContext, name: string, identifier: string): string {
  const { model } = membership(context, name).spec;
  const column = context.project.models.get(model)?.spec.identifiers[identifier];
  if (column !== undefined) return column;
  throw failure("E239", `model "${model}" declares no identifier "${identifier}"`, {
    hint: `add identifiers: { ${identifier}: COLUMN } to it`,
  });
}

/** The keys a test names, as texts made from literals the same way as those of rows. */
function wantedKeys(context: AudienceContext, name: string, keys: readonly Readonly<Record<string, Json>>[]): string {
  const key = primaryKey(context, membership(context, name).spec.model);
  const texts = keys.map((row) => {
    const parts = key.map((column) => String(row[column.name] ?? "").normalize("NFC"));
    return `SELECT ${context.dialect.literal(parts.length === 1 ? parts[0]! : JSON.stringify(parts))} AS k`;
  });
  const { nobody, union } = wordsOf(context.dialect);
  return texts.length === 0 ? nobody : texts.join(` ${union} `);
}

function share(hits: number, total: number): number {
  return total === 0 ? 0 : hits / total;
}

/** Cut, not rounded: 94.99 % must not read as the 95 % it misses. */
function percent(part: number): string {
  return `${Math.floor(part * 1000 + 1e-9) / 10} %`;
}

function range(min: number | undefined, max: number | undefined, show: (value: number) => string): string {
  if (min !== undefined && max !== undefined) return `${show(min)} to ${show(max)}`;
  return min === undefined ? `at most ${show(max ?? 0)}` : `at least ${show(min)}`;
}
