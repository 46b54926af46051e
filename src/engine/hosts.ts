import type { Destination, Session } from "../destination/index.ts";

/** What a destination may call: the host of `base_url` alone where one is configured, else what it declares. */
export function declaredHosts(
  definition: Pick<Destination, "hosts">,
  config: unknown,
  session: Session = {},
): readonly string[] {
  const base = baseUrlOf(config);
  if (base === undefined) return definition.hosts(config, session);
  const url = readUrl(base);
  return url ? [url.host] : [];
}

/** Where the files that a platform names may be: `download_hosts`, else the host of `base_url` alone, else what is declared. */
export function downloadHosts(definition: Pick<Destination, "downloads">, config: unknown): readonly string[] {
  const own =
    typeof config === "object" && config !== null && "download_hosts" in config ? config.download_hosts : null;
  if (Array.isArray(own)) return own.map(String);
  const base = baseUrlOf(config);
  return base === undefined ? (definition.downloads ?? []) : [readUrl(base)?.host ?? ""];
}

/** `base_url` of a configuration. */
export function baseUrlOf(config: unknown): string | undefined {
  const base = typeof config === "object" && config !== null && "base_url" in config ? config.base_url : undefined;
  return typeof base === "string" ? base : undefined;
}

/** Does the address go to one of these hosts? A `*` stands for the leftmost label; a port counts only where one is declared. */
export function isDeclared(address: string, hosts: readonly string[]): boolean {
  const url = readUrl(address);
  if (!url || url.username !== "" || url.password !== "") return false;
  return hosts.some((pattern) => {
    const wanted = pattern.toLowerCase();
    if (wanted === url.host || wanted === url.hostname) return true;
    if (!wanted.startsWith("*.")) return false;
    const label = url.hostname.slice(0, -wanted.length + 1);
    return url.hostname.endsWith(wanted.slice(1)) && label !== "" && !label.includes(".");
  });
}

export function readUrl(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/** Host and port, for messages: paths and parameters may name people. */
export const hostOf = (address: string): string => readUrl(address)?.host ?? "an invalid address";
