import type { Destination } from "./index.ts";

const fill = (template: string, credentials: Readonly<Record<string, unknown>>): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => String(credentials[name] ?? ""));

/**
 * What authentication adds to a request: headers, and the address with its parameters. Pure; the engine calls it just before
 * sending, and never for an address outside the declared hosts.
 */
export function authenticate(
  destination: Pick<Destination, "auth">,
  credentials: Readonly<Record<string, unknown>>,
  url: string,
): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
  const { auth } = destination;
  switch (auth.type) {
    case "none":
      return { url, headers: {} };
    case "bearer":
      return { url, headers: { authorization: `Bearer ${String(credentials[auth.secret] ?? "")}` } };
    case "header":
      return { url, headers: { [auth.header.toLowerCase()]: fill(auth.value, credentials) } };
    case "custom": {
      const address = new URL(url);
      for (const [name, value] of Object.entries(auth.query?.(credentials) ?? {}))
        address.searchParams.set(name, value);
      return { url: auth.query === undefined ? url : address.href, headers: auth.headers(credentials) };
    }
  }
}
