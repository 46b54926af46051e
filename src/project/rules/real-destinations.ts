import type { DestinationResource } from "../project.ts";
import { report, type ValidationRule } from "./rule.ts";

/** A destination that reaches the world from an environment that may not (decision 7). */
export const realDestinations: ValidationRule = {
  code: "E340",
  severity: "error",
  *check({ project }) {
    const { name, prod, allowRealDestinations } = project.environment;
    if (prod || allowRealDestinations) return;
    const used = new Set([...project.syncs.values()].map(({ spec }) => spec.destination));
    for (const destination of project.destinations.values()) {
      if (!used.has(destination.name) || !isReal(destination)) continue;
      yield report(
        realDestinations,
        `destination "${destination.name}" is real, and the environment "${name}" may not write to it`,
        destination.at(),
        `in the environment: destinations: { "*": { use: file } }, or prod: true, or allow_real_destinations: true`,
      );
    }
  },
  valid: {},
  invalid: {
    "millrace.yml":
      "version: 1\nname: shop\nvars: { history_start: x }\nenvironments: { dev: { warehouse: { type: duckdb, seeds: seeds } } }",
  },
};

/** Real unless its rows go to files or every host it may call is this machine's own. Code that was not run counts as real. */
export function isReal(destination: Pick<DestinationResource, "outbox" | "loaded" | "definition" | "spec">): boolean {
  if (destination.outbox || destination.spec.type === "file") return false;
  if (!destination.loaded) return true;
  const base = destination.spec.config["base_url"] ?? null;
  const hosts = typeof base === "string" && URL.canParse(base) ? [new URL(base).host] : hostsOf(destination);
  return hosts.length === 0 ? destination.definition.effects.includes("http") : !hosts.every(isLoopback);
}

function hostsOf({ definition, spec }: Pick<DestinationResource, "definition" | "spec">): readonly string[] {
  try {
    return definition.hosts(spec.config, {});
  } catch {
    return ["unknown"];
  }
}

/** `localhost`, 127.0.0.0/8 and ::1, with or without a port. */
export function isLoopback(host: string): boolean {
  const name = host
    .replace(/^\[(.*)\](:\d+)?$/, "$1")
    .replace(/^([^:]+):\d+$/, "$1")
    .toLowerCase();
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}
