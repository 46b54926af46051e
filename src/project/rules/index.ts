import type { ValidationRule } from "./rule.ts";

/** Every rule, in no particular order: problems are sorted by place. */
export const rules: readonly ValidationRule[] = [];
