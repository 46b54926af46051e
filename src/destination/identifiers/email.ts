import type { Identifier } from "../index.ts";

/** Looks like an address: one `@`, text on both sides, a dot or nothing odd after it, no space anywhere. */
function isAddress(text: string): boolean {
  const at = text.indexOf("@");
  if (at < 1 || at === text.length - 1 || text.indexOf("@", at + 1) !== -1) return false;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) <= 32) return false;
  return true;
}

/** Trimmed and lower-cased (Meta, Snap, Microsoft, X, e-mail and CRM tools); null when it is no address. */
export function normalizeEmail(raw: string): string | null {
  const text = raw.trim().toLowerCase();
  return isAddress(text) ? text : null;
}

/** Lower-cased with every white space taken out (LinkedIn). */
export function normalizeEmailWithoutSpaces(raw: string): string | null {
  return normalizeEmail(raw.replace(/\s+/g, ""));
}

function withoutTag(text: string): string | null {
  const at = text.indexOf("@");
  const plus = text.indexOf("+");
  const bare = plus === -1 || plus > at ? text : text.slice(0, plus) + text.slice(at);
  return bare.startsWith("@") ? null : bare;
}

/** As {@link normalizeEmail} without `+tag` (TikTok customer file, Amazon). */
export function normalizeEmailWithoutTag(raw: string): string | null {
  const text = normalizeEmail(raw);
  return text === null ? null : withoutTag(text);
}

/** As {@link normalizeEmailWithoutTag}, and without the dots before the `@`, at any domain (Reddit). */
export function normalizeEmailWithoutDots(raw: string): string | null {
  const text = normalizeEmailWithoutTag(raw);
  if (text === null) return null;
  const at = text.indexOf("@");
  const name = text.slice(0, at).replaceAll(".", "");
  return name === "" ? null : name + text.slice(at);
}

/** Dots and `+tag` go only at gmail.com and googlemail.com (Google, The Trade Desk). */
export function normalizeGmail(raw: string): string | null {
  const text = normalizeEmail(raw);
  if (text === null || !/@(gmail|googlemail)\.com$/.test(text)) return text;
  return normalizeEmailWithoutDots(text);
}

type EmailRule = (raw: string) => string | null;

/** An e-mail address; hashed when `hash` names how, plain otherwise. */
export function email(
  how: { readonly hash?: NonNullable<Identifier["hash"]>; readonly normalize?: EmailRule } = {},
): Identifier {
  const normalize = how.normalize ?? normalizeEmail;
  return {
    describe: "E-mail address",
    normalize,
    version: 1,
    ...(how.hash === undefined ? {} : { hash: how.hash }),
  };
}
