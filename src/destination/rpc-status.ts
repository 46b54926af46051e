/** Errors of Google's APIs: google/rpc/status.proto and error_details.proto, google/ads/googleads errors.proto. */
import type { Outcome } from "../core.ts";
import { rejectedEach } from "./outcomes.ts";

/** A part of a request that is wrong: `audience_members[3].user_data`, `operations[0].create`. */
export interface Violation {
  readonly field: string;
  readonly reason?: string;
  readonly description?: string;
}

export interface RpcStatus {
  /** `INVALID_ARGUMENT`, `PERMISSION_DENIED` and the like. */
  readonly status?: string;
  readonly message?: string;
  readonly violations: readonly Violation[];
  /** Of the violations and of the request as a whole, the narrower first. */
  readonly reasons: readonly string[];
}

// oxlint-disable-next-line no-explicit-any -- parts of a response body, read defensively
type Part = any;
const listOf = (value: unknown): readonly Part[] => (Array.isArray(value) ? value.filter(Boolean) : []);

const texts = <Name extends string>(from: Readonly<Record<Name, unknown>>): { readonly [name in Name]?: string } =>
  Object.fromEntries(Object.entries(from).filter(([, value]) => typeof value === "string")) as never;

/** Reads what stands under `error` of a refusal, or under `partialFailureError`; undefined where it is no error. */
export function rpcStatus(error: unknown): RpcStatus | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { status, message, details: found }: Part = error;
  const details = listOf(found);
  const violations = details.flatMap(({ fieldViolations, errors }) => [
    ...listOf(fieldViolations).map(fieldViolation),
    ...listOf(errors).map(adsError),
  ]);
  const reasons = [...violations, ...details].flatMap(({ reason }) => (typeof reason === "string" ? [reason] : []));
  return { ...texts({ status, message }), violations, reasons };
}

const fieldViolation = ({ field, reason, description }: Part): Violation => ({
  field: String(field),
  ...texts({ reason, description }),
});

/** Google Ads: the code stands under the name of its kind, the place as a list of names and indexes. */
function adsError({ errorCode, message: description, location }: Part): Violation {
  const path = listOf(location?.fieldPathElements).map(({ fieldName, index }) =>
    index === undefined ? String(fieldName) : `${fieldName}[${index}]`,
  );
  const [reason] = Object.values(errorCode ?? {});
  return { field: path.join("."), ...texts({ reason, description }) };
}

/** The rows that a refusal names, by their place in one of `lists` of the request; none where it is about the request. */
export function violatedRows(
  status: RpcStatus | undefined,
  ...lists: readonly string[]
): readonly (readonly [place: number, outcome: Outcome])[] {
  const place = new RegExp(`(?:^|\\.)(?:${lists.join("|")})\\[(\\d+)\\]`);
  return (status?.violations ?? []).flatMap(({ field, reason = "INVALID_ARGUMENT", description }) => {
    const row = place.exec(field)?.[1];
    return row === undefined ? [] : [[Number(row), rejectedEach(reason, description ?? reason)] as const];
  });
}
