/**
 * millrace as a library: load a project, plan, sync. The command line is built on nothing else.
 *
 * Destinations are written against "millrace/destination".
 */
export type { Diagnostic, GuardResult, PlanDocument, RunDocument, RunEvent, TestResult } from "./core.ts";
export { exitCodes, MillraceError, type ExitCode } from "./errors.ts";
export type {
  EngineOptions,
  ExplainDocument,
  PlanOptions,
  PlanResult,
  RunResult,
  StatusDocument,
  SyncOptions,
} from "./engine/api.ts";
export { explainPerson, planSyncs, readRejected, readRuns, readStatus, runSyncs } from "./engine/index.ts";
export { nodePorts } from "./engine/node-ports.ts";
export { loadProject, loadProjectOrThrow, type Loaded, type LoadOptions } from "./project/load.ts";
export type { Project } from "./project/project.ts";
