import type { Auth } from "./auth.ts";

/** Basic authentication (RFC 7617) with names of credentials in braces: `basicAuth("{site_id}", "{api_key}")`. */
export function basicAuth(user: string, password: string): Auth {
  return {
    type: "custom",
    headers(credentials) {
      const named = `${user}:${password}`.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        String(credentials[name] ?? ""),
      );
      return { authorization: `Basic ${Buffer.from(named).toString("base64")}` };
    },
  };
}
