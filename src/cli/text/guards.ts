/** Guards as text: those that stopped a sync with the words that let it pass, and those that came near their limit. */
import type { GuardResult, PlannedSync } from "../../core.ts";
import { amount } from "../figures.ts";
import type { PlanTextOptions } from "./plan.ts";

/** Why a sync was stopped and the exact words that let it pass. */
export function stopLines(
  sync: PlannedSync,
  options: Pick<PlanTextOptions, "paint" | "label">,
  environment: string,
): readonly string[] {
  const failed = sync.guards.filter((guard) => !guard.ok && guard.overridden === undefined);
  const label = options.label(sync);
  if (failed.length === 0)
    return [`${options.paint("red", "!")} ${label}   stopped: ${sync.error ?? "see the error above"}`];
  return [
    ...failed.flatMap((guard) => [
      `${options.paint("red", "!")} ${label}   stopped by guard ${guard.code} "${guard.name}"`,
      `    ${guard.message}`,
    ]),
    "  Nothing was written. If this is right:",
    ...failed.map((guard) => `    ${passCommand(sync.sync, guard, environment)}`),
  ];
}

function passCommand(sync: string, guard: GuardResult, environment: string): string {
  const command = `millrace sync ${sync} -e ${environment}`;
  return guard.name === "first_run" ? `${command} --yes` : `${command} --override-guard ${guard.code} --reason "why"`;
}

/** Guards whose value grows towards their limit; the others only hold or not. */
const gradual: ReadonlySet<string> = new Set(["shrink", "growth", "remove", "null_share"]);

/** One line when all is well; a line each for guards past half their limit, or passed by a person. */
export function guardLines(syncs: readonly PlannedSync[]): readonly string[] {
  const looked = syncs.flatMap((sync) =>
    sync.guards.filter((guard) => guard.ok || guard.overridden !== undefined).map((guard) => ({ sync, guard })),
  );
  const near = looked.filter(({ guard }) => guard.overridden !== undefined || isNear(guard));
  if (looked.length === 0) return [];
  if (near.length === 0) return [`Guards: ${amount(looked.length, "limit")} looked at, all ok`];
  return near.map(({ sync, guard }) => {
    const end =
      guard.overridden === undefined
        ? guard.value > guard.limit
          ? "ok: too few rows to stop for"
          : "ok"
        : `passed by ${guard.overridden.actor}: ${guard.overridden.reason}`;
    return `Guard ${guard.code} ${guard.name} of ${sync.sync}: ${guard.message} ${end}`;
  });
}

function isNear(guard: GuardResult): boolean {
  return gradual.has(guard.name) && guard.limit > 0 && guard.value >= guard.limit * 0.5;
}
