import { readUrl } from "./hosts.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The proxy of an https address, by HTTPS_PROXY and NO_PROXY (either case), or null for a direct connection. */
export function proxyFor(url: URL, env: Env): URL | null {
  const proxy = env["HTTPS_PROXY"] ?? env["https_proxy"] ?? "";
  if (url.protocol !== "https:" || proxy === "" || exempt(url, env["NO_PROXY"] ?? env["no_proxy"] ?? "")) return null;
  return readUrl(proxy.includes("://") ? proxy : `http://${proxy}`);
}

/** `*`, `name` and `.name` (with everything below it), each with or without a port. */
function exempt(url: URL, list: string): boolean {
  const port = url.port === "" ? "443" : url.port;
  return list.split(/[\s,]+/).some((entry) => {
    const [, name = "", wantedPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (entry === "*") return true;
    if (name === "" || (wantedPort !== undefined && wantedPort !== port)) return false;
    return url.hostname === name || url.hostname.endsWith(`.${name}`);
  });
}
