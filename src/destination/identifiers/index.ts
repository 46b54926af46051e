/** Normal forms of identifiers and matching fields, one file per kind; destinations get them from `millrace/destination`. */
export * from "./birth.ts";
export * from "./domain.ts";
export * from "./email.ts";
export * from "./hash.ts";
export * from "./name.ts";
export * from "./phone.ts";
export * from "./place.ts";
export * from "./plain.ts";
