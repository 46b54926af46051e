/** Replaces secrets by ***** in any text: as they are, JSON-escaped, URL-encoded, in hex, in base64 and inside base64. */
export class Masker {
  readonly #forms = new Set<string>();
  #pattern: RegExp | null = null;

  /** Learns a secret; shorter than 6 characters would mask ordinary words. */
  add(secret: string): void {
    if (secret.length < 6) return;
    const lines = secret.includes("\n") ? secret.split(/\r?\n/).filter((line) => line.length >= 20) : [];
    for (const text of [secret, ...lines])
      for (const form of formsOf(text)) if (form.length >= 6) this.#forms.add(form);
    this.#pattern = null;
  }

  /** Takes over what another masker knows. */
  join(other: Masker): this {
    for (const form of other.#forms) this.#forms.add(form);
    this.#pattern = null;
    return this;
  }

  mask(text: string): string {
    if (this.#forms.size === 0) return text;
    this.#pattern ??= new RegExp(
      [...this.#forms]
        .toSorted((a, b) => b.length - a.length)
        .map((form) => form.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, String.raw`\$&`))
        .join("|"),
      "g",
    );
    return text.replaceAll(this.#pattern, "*****");
  }
}

function formsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const bytes = Buffer.from(secret);
  const url = encodeURIComponent(bytes.toString());
  const base64 = [bytes.toString("base64"), ...[0, 1, 2].map((shift) => base64Core(secret, shift))];
  return [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    url,
    url.replaceAll("%20", "+"),
    url.toLowerCase(),
    bytes.toString("hex"),
    bytes.toString("base64url"),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

/** The characters of a base64 text that the secret alone decides when it starts at byte 3n + shift, as in `user:secret`. */
function base64Core(secret: string, shift: number): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]);
  const text = bytes.toString("base64").replaceAll("=", "");
  const loose = bytes.length % 3 === 0 ? 0 : 1;
  return text.slice(shift === 0 ? 0 : shift + 1, text.length - loose);
}
