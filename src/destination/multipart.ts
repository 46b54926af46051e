import { digest } from "./identifiers/hash.ts";

/** A file as a form carries it. */
export interface FormFile {
  readonly name: string;
  readonly content: string;
}

/** Names and values stand between quotes and line ends of their own. */
const quoted = (text: string): string => text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

/**
 * The body of a form with files (RFC 7578) and its header, for APIs that take uploads. The boundary comes from the content, so
 * that the same form is the same request.
 */
export function multipart(parts: Readonly<Record<string, string | FormFile>>): {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const boundary = `millrace-${digest("sha256", JSON.stringify(parts)).slice(0, 32)}`;
  const written = Object.entries(parts).map(([name, part]) => {
    const disposition = `content-disposition: form-data; name="${quoted(name)}"`;
    return typeof part === "string"
      ? `--${boundary}\r\n${disposition}\r\n\r\n${part}\r\n`
      : `--${boundary}\r\n${disposition}; filename="${quoted(part.name)}"\r\ncontent-type: text/plain\r\n\r\n${part.content}\r\n`;
  });
  return {
    body: `${written.join("")}--${boundary}--\r\n`,
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
  };
}
