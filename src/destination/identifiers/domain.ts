import type { Identifier } from "../index.ts";

/**
 * The domain of a company's website, as CRMs keep it: lower case, without scheme, `www.`, port and path; null when there is
 * no dot in it.
 */
export function normalizeDomain(raw: string): string | null {
  const host = raw
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, "")
    .replace(/[/?#:].*$/s, "")
    .replace(/^www\.(?=.*\.)/, "")
    .replace(/\.$/, "");
  return /^[^\s@.]+(?:\.[^\s@.]+)+$/.test(host) ? host : null;
}

/** A company known by the domain of its website. */
export const domainName = (): Identifier => ({
  describe: "Domain of the website",
  normalize: normalizeDomain,
  version: 1,
});
