import type { Json } from "../core.ts";
import type { DestinationSpec, Environment } from "./project.ts";
import { overlaySchema, type Overlay } from "./schema/destination.ts";
import type { EnvironmentSpec, MillraceSpec } from "./schema/millrace.ts";
import { instantAt } from "./zone.ts";

export { overlaySchema };

/** The environment a command runs in: the one asked for, else the project's default, else `dev`, else the only one. */
export function chooseEnvironment(spec: MillraceSpec, asked: string | undefined): string | null {
  const names = Object.keys(spec.environments);
  const wanted =
    asked ?? spec.default_environment ?? (names.includes("dev") ? "dev" : names.length === 1 ? names[0] : undefined);
  return wanted !== undefined && Object.hasOwn(spec.environments, wanted) ? wanted : null;
}

export function toEnvironment(name: string, spec: EnvironmentSpec): Environment {
  const { prod, allow_real_destinations, reveal_pii, warehouse, guards, threads, journal } = spec;
  const revealPii = reveal_pii ? { revealPii: true } : {};
  return {
    name,
    prod,
    allowRealDestinations: allow_real_destinations,
    ...revealPii,
    warehouse,
    guards,
    threads,
    journal,
  };
}

/** A destination as this environment sees it (decision 7): the overlay of its exact name, else that of `*`. */
export function applyOverlay(
  spec: DestinationSpec,
  overlays: Readonly<Record<string, Overlay>>,
): {
  readonly spec: DestinationSpec;
  readonly outbox: boolean;
  readonly overlay: Overlay | null;
  readonly key: string;
} {
  const key = Object.hasOwn(overlays, spec.destination) ? spec.destination : "*";
  const overlay = Object.hasOwn(overlays, key) ? (overlays[key] ?? null) : null;
  if (overlay === null) return { spec, outbox: false, overlay, key };
  if (overlay.use === "file") return { spec, outbox: true, overlay, key };
  const merged: DestinationSpec = {
    ...spec,
    credentials: { ...spec.credentials, ...overlay.credentials },
    config: { ...spec.config, ...overlay.config },
    ...(overlay.rate_limit && { rate_limit: overlay.rate_limit }),
  };
  return { spec: merged, outbox: false, overlay, key };
}

/** `as_of` as ISO in UTC: a date is its midnight in the project's time zone, a time without zone is UTC; null when it is neither. */
export function parseAsOf(value: Json, timezone: string): string | null {
  if (typeof value !== "string") return null;
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return zonedMidnight(value, timezone);
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?$/.test(value)) return null;
  const iso = value.replace(" ", "T");
  const time = Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(iso) ? iso : `${iso}Z`);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** Midnight of a date in a time zone; null when the calendar has no such date. */
function zonedMidnight(date: string, timezone: string): string | null {
  const utc = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(utc.getTime()) || utc.toISOString().slice(0, 10) !== date) return null;
  return new Date(instantAt(utc.getTime(), timezone)).toISOString();
}
