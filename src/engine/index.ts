/** What the engine offers to the command line and to programs; the types stand in ./api.ts. */
export { planSyncs } from "./plan.ts";
export { runSyncs } from "./run.ts";
