import { TextDecoder } from "node:util";
import type { HttpResponse } from "../destination/index.ts";
import type { HttpAnswer } from "../ports.ts";

/** Deeper than any platform answers, far below what overflows a recursive reader's stack. */
const deepest = 200;

/** An answer as a destination sees it; `hide` takes our own secrets out, should the platform echo them. */
export function readReply(answer: HttpAnswer, hide: (text: string) => string): HttpResponse {
  const text = hide(textOf(answer));
  return { status: answer.status, headers: answer.headers, body: parseJson(text), text };
}

/** The body in the charset that its headers name. */
export function textOf({ headers, body }: HttpAnswer): string {
  const charset = /charset="?([\w-]+)/i.exec(headers["content-type"] ?? "")?.[1] ?? "utf-8";
  return decoderOf(charset).decode(body);
}

/** Drops a byte order mark; what is no text in its charset becomes replacement characters. */
function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

/**
 * Parsed JSON, or undefined where the text is none: also where it is nested too deeply or holds numbers beyond
 * doubles. Keys named `__proto__` are left out.
 */
export function parseJson(text: string): unknown {
  if (tooDeep(text)) return undefined;
  let sound = true;
  const careful = /__proto__|\\u00(?:5f|70|72|6f|74)/i.test(text) || /\d[eE]\+?\d{3}|\d{309}/.test(text);
  const revive = (key: string, value: unknown): unknown => {
    if (typeof value === "number" && !Number.isFinite(value)) sound = false;
    return key === "__proto__" ? undefined : value;
  };
  try {
    const value: unknown = careful ? JSON.parse(text, revive) : JSON.parse(text);
    return sound ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Looks at the text before the parser does: brackets outside strings. */
function tooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = endOfString(text, at);
    else if (char === OPEN_ARRAY || char === OPEN_OBJECT) depth += 1;
    else if (char === CLOSE_ARRAY || char === CLOSE_OBJECT) depth -= 1;
    if (depth > deepest) return true;
  }
  return false;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
