/** The rule tree of segments and audiences (decisions 2, 3): a closed list of operators over a model's columns. */

export type Scalar = string | number | bigint | boolean;
/** `30d`; units s, min, h, d, w, mo, y. */
export type Duration = string;
/** A date, a timestamp, or so long before `as_of`. */
export type Moment = string | { readonly ago: Duration };

/** `on:` one column of the same name, or model column -> other model's column. */
export type On = string | Readonly<Record<string, string>>;

export interface FieldLeaf {
  readonly field: string;
  readonly or_null?: boolean;
  readonly is?: Scalar;
  readonly is_not?: Scalar;
  readonly in?: readonly Scalar[];
  readonly not_in?: readonly Scalar[];
  readonly gt?: Scalar;
  readonly gte?: Scalar;
  readonly lt?: Scalar;
  readonly lte?: Scalar;
  readonly between?: readonly [Scalar, Scalar];
  readonly contains?: Scalar;
  readonly starts_with?: string;
  readonly is_null?: true;
  readonly is_not_null?: true;
  readonly before?: Moment;
  readonly after?: Moment;
  readonly within_last?: Duration;
  readonly not_within_last?: Duration;
}

export const fieldOperators = [
  "is",
  "is_not",
  "in",
  "not_in",
  "gt",
  "gte",
  "lt",
  "lte",
  "between",
  "contains",
  "starts_with",
  "is_null",
  "is_not_null",
  "before",
  "after",
  "within_last",
  "not_within_last",
] as const;
export type FieldOperator = (typeof fieldOperators)[number];

/** One comparison of a number: `count: { gte: 2 }`. */
export interface NumberTest {
  readonly is?: number;
  readonly is_not?: number;
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
  readonly between?: readonly [number, number];
}

/** One comparison of a time: `last: { field: at, before: 2026-01-01 }`. */
export interface TimeTest {
  readonly field: string;
  readonly before?: Moment;
  readonly after?: Moment;
  readonly within_last?: Duration;
  readonly not_within_last?: Duration;
}

export interface EventLeaf {
  readonly event: string;
  readonly on: On;
  readonly within?: { readonly field: string; readonly last?: Duration; readonly from?: string; readonly to?: string };
  readonly where?: Rule;
  /** Exactly one of the four; none of them means `count: { gte: 1 }`. */
  readonly count?: NumberTest;
  readonly sum?: NumberTest & { readonly field: string };
  readonly first?: TimeTest;
  readonly last?: TimeTest;
}

export interface RelatedLeaf {
  readonly related: string;
  readonly on: On;
  readonly where?: Rule;
  readonly match?: "any" | "all" | "none";
}

export type Rule =
  | { readonly all: readonly Rule[] }
  | { readonly any: readonly Rule[] }
  | { readonly not: Rule }
  | { readonly in_segment: string }
  | { readonly in_audience: string }
  | EventLeaf
  | RelatedLeaf
  | FieldLeaf;
