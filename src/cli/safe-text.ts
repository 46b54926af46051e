/**
 * Text of others (row values, vendors' words, file names) on a terminal: escape sequences could move the cursor,
 * rewrite what a person reviewed or set the clipboard (S10). Nothing but our own colours may pass.
 */

// oxlint-disable no-control-regex -- taking them out is what this file is for
const colour = /\u001b\[[0-9;]*m/;
const sequence =
  /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[P^_X][^\u001b]*(?:\u001b\\)?|[\u001b\u009b][[\]()#;?]*[0-9;?]*[ -/]*[@-~]?/g;
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const invisible = /[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The text without escape sequences, control characters (but tab and newline) and characters that turn text round. */
export function safeText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(sequence, "").replace(control, "").replace(invisible, "");
}

/** Like {@link safeText}, but colours (SGR sequences) stay; for text that the renderers have coloured. */
export function safeColouredText(text: string): string {
  return text
    .split(new RegExp(`(${colour.source})`))
    .map((part) => (colour.test(part) ? part : safeText(part)))
    .join("");
}

/** JSON on two-space indentation, with invisible and control characters as `\uXXXX`, so that `cat` is safe too. */
export function safeJson(document: unknown, indent: number = 2): string {
  const text = JSON.stringify(
    document,
    (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
    indent,
  );
  return text.replace(/[\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
