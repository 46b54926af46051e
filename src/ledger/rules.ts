/**
 * The rules of the ledger, once, as pure functions: what to ask of the platform for one key, how asks of several keys
 * on one identifier net out, and what a row becomes when the verdicts are in. See docs of R1–R43 (ledger-rules).
 */
export type * from "./rules/types.ts";
export * from "./rules/ask.ts";
export * from "./rules/identifiers.ts";
export * from "./rules/net.ts";
export * from "./rules/recover.ts";
export * from "./rules/rejections.ts";
export * from "./rules/replace.ts";
export * from "./rules/settle.ts";
export * from "./rules/whole.ts";
