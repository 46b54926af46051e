import type { Identifier } from "../index.ts";

const nobody = /^[0-]*$/;

/** A mobile advertising id: trimmed, lower case, hyphens kept; null for the zeros of a phone that withholds it. */
export function normalizeDeviceId(raw: string): string | null {
  const text = raw.trim().toLowerCase();
  return nobody.test(text) ? null : text;
}

/** The text as it is; null when it is blank. Whatever is sent at an add is sent again at the removal. */
export function normalizeExact(raw: string): string | null {
  return raw.trim() === "" ? null : raw;
}

/** A handle: without spaces around, `@` in front, or capitals (X). */
export function normalizeHandle(raw: string): string | null {
  const text = raw.trim().replace(/^@+/, "").toLowerCase();
  return text === "" ? null : text;
}

function identifier(
  describe: string,
  normalize: (raw: string) => string | null,
  hash?: NonNullable<Identifier["hash"]>,
): Identifier {
  return { describe, normalize, version: 1, ...(hash === undefined ? {} : { hash }) };
}

/** A mobile advertising id (IDFA, GAID). */
export const deviceId = (how: { readonly hash?: NonNullable<Identifier["hash"]> } = {}): Identifier =>
  identifier("Mobile advertising id", normalizeDeviceId, how.hash);

/** Our own key at the platform. */
export const externalId = (): Identifier => identifier("External id, sent as it is", normalizeExact);

/** Any identifier a platform takes as it is. */
export const exact = (describe = "Identifier, sent as it is"): Identifier => identifier(describe, normalizeExact);
