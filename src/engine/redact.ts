/** Replaces every form in which one of these secrets may travel by `*****`. */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  // Shorter ones occur in any text and would only make messages unreadable.
  const long = [...new Set(secrets)].filter((secret) => secret.length >= 6);
  const forms = [...new Set(long.flatMap(formsOf))].filter((form) => form.length >= 6);
  if (forms.length === 0) return (text) => text;
  // Longest first: a secret may be a part of another one's form.
  const pattern = forms.toSorted((one, other) => other.length - one.length).map(escapeForRegExp);
  const any = new RegExp(pattern.join("|"), "g");
  return (text) => text.replace(any, "*****");
}

/** Every string in a value: credentials are small trees. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret);
  return [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    url,
    url.replaceAll("%20", "+"),
    url.toLowerCase(),
    ...base64Forms(secret),
  ];
}

/** Base64 at each of the three places a secret may begin inside a longer text (`user:secret`), both alphabets. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const whole = [bytes.toString("base64"), bytes.toString("base64url"), bytes.toString("hex")];
  const inside = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replaceAll("=", "");
    // The first character(s) mix with what stands before, the last with what stands behind.
    return encoded.slice(shift === 0 ? 0 : shift + 1, (bytes.length + shift) % 3 === 0 ? undefined : -1);
  });
  return [...whole, ...inside, ...inside.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))];
}

const escapeForRegExp = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
