/** Properties draw the same cases every time, so that a change is judged by what it changed; `MILLRACE_SEED=7 npm test` draws others. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["MILLRACE_SEED"] ?? 1) });
