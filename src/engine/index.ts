/** What the engine offers to the command line and to programs; the types stand in ./api.ts. */
export { checkDestination } from "./check.ts";
export { explainPerson } from "./explain.ts";
export { abandonState } from "./abandon.ts";
export { drainState } from "./drain.ts";
export { moveState } from "./move-state.ts";
export { recreateState } from "./recreate.ts";
export { readHoldings } from "./targets.ts";
export { planSyncs } from "./plan.ts";
export { resolveHeld } from "./resolve.ts";
export { runSyncs } from "./run.ts";
export { readRejected, readRuns } from "./runs.ts";
export { exportState } from "./state-export.ts";
export { importState } from "./state-import.ts";
export { lockInfo, pruneState, unlock } from "./state-ops.ts";
export { readStatus } from "./status.ts";
