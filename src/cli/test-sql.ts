import type { TestResult } from "../core.ts";
import { fileName } from "./artifacts.ts";

/** Where the SQL of a test is written, relative to the target folder. */
export function testSqlFile(test: Pick<TestResult, "kind" | "name">): string {
  return `compiled/${test.kind}/${fileName(test.name)}.sql`;
}
