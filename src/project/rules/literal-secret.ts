import type { Path } from "../yaml.ts";
import { isSecret } from "../secrets.ts";
import { report, type ValidationRule } from "./rule.ts";
import { texts } from "./texts.ts";

/** Forms of keys that vendors give out; each is public documentation of its vendor. */
const known: readonly (readonly [string, RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["an AWS key", /\b(AKIA|ASIA)[0-9A-Z]{16}\b/],
  ["a GitHub token", /\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})/],
  ["a Slack token or webhook", /\bxox[abprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/services\/T[A-Z0-9]+\/B/],
  ["a Stripe key", /\b[sr]k_(live|test)_[A-Za-z0-9]{16,}/],
  ["a Google API key", /\bAIza[0-9A-Za-z_-]{35}/],
  ["a Meta access token", /\bEAA[A-Za-z0-9]{40,}/],
  ["a HubSpot token", /\bpat-(na|eu)[0-9]-[0-9a-f]{8}-[0-9a-f-]{20,}/],
  ["a Klaviyo key", /\bpk_[0-9a-f]{30,}/],
  ["a SendGrid key", /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/],
  ["a webhook secret", /\bwhsec_[A-Za-z0-9+/=]{20,}/],
  ["a signed token (JWT)", /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\./],
];

/** A key written into a file. The value is never repeated in the message. */
export const literalSecret: ValidationRule = {
  code: "E330",
  severity: "error",
  *check({ documents }) {
    for (const document of documents) {
      for (const { value, path } of texts(document)) {
        const kind =
          known.find(([, form]) => form.test(value))?.[0] ??
          (inCredentials(path) && !isSecret(value) && looksRandom(value) ? "a key" : undefined);
        if (kind === undefined) continue;
        yield report(
          literalSecret,
          `this looks like ${kind}, written into the file`,
          document.at(path, inCredentials(path) ? "key" : "value"),
          'write "${env:NAME}" or "${file:path}", take the key out of git\'s history and have a new one made',
        );
      }
    }
  },
  valid: {
    "destinations/crm.yml":
      "destination: crm\ntype: webhook\nconfig: { url: 'https://crm.example.com/hook' }\ncredentials: { secret: '${env:HOOK_SECRET}' }",
  },
  invalid: {
    "destinations/crm.yml":
      "destination: crm\ntype: webhook\nconfig: { url: 'https://crm.example.com/hook' }\ncredentials: { secret: 'k3J9xQ2vB7nM4pL8sD1f' }",
  },
};

/** A warehouse's connection also says what is no secret: its project, account, user, address. */
const secretKeys = new Set<Path[number] | undefined>(["credentials", "private_key", "passphrase", "token", "password"]);

const inCredentials = (path: Path): boolean =>
  path.includes("credentials") || (path.includes("connection") && secretKeys.has(path.at(-1)));

/** Twelve characters or more, drawn from so many that nobody typed them: entropy above 3 bits and both letters and digits. */
export function looksRandom(text: string): boolean {
  if (text.length < 12 || /\s/.test(text) || !/\d/.test(text) || !/[a-z]/i.test(text)) return false;
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const entropy = -[...counts.values()].reduce(
    (sum, count) => sum + (count / text.length) * Math.log2(count / text.length),
    0,
  );
  return entropy > 3;
}
