import { readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import type { Json } from "../core.ts";
import { failure } from "../errors.ts";
import { isInside } from "./files.ts";
import { Masker } from "./masker.ts";

export { Masker } from "./masker.ts";

/** `${env:NAME}`, `${env:NAME:-default}`, `${file:path}`: what a text asks for. */
export type SecretReference =
  | { readonly kind: "env"; readonly name: string; readonly fallback?: string }
  | { readonly kind: "file"; readonly path: string };

export interface SecretProblem {
  readonly code: "E190" | "E333";
  readonly message: string;
}

const reference = /\$\{([^}]*)\}/g;

/** Whether a value holds a reference, which then stands for any text. */
export const isSecret = (value: unknown): value is string => typeof value === "string" && value.includes("${");

/** The references of a text and what is wrong with them. */
export function secretReferences(text: string): readonly (SecretReference | SecretProblem)[] {
  const found = [...text.matchAll(reference)].map(([, inside]) => parseReference(inside ?? ""));
  const open = text.replaceAll(reference, "").includes("${");
  return open ? [...found, { code: "E333", message: "${ is not closed by }" }] : found;
}

function parseReference(inside: string): SecretReference | SecretProblem {
  const env = /^env:([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/.exec(inside);
  if (env?.[1]) return { kind: "env", name: env[1], ...(env[2] !== undefined && { fallback: env[2] }) };
  const file = /^file:(\S[\s\S]*)$/.exec(inside);
  if (file?.[1]) return { kind: "file", path: file[1] };
  const kind = inside.split(":")[0] ?? "";
  if (["cmd", "gcp-secret", "aws-secret"].includes(kind))
    return { code: "E190", message: `secrets by \${${kind}:…} are not in this version of millrace` };
  return {
    code: "E333",
    message: `"\${${inside.slice(0, 60)}}" is no secret reference: write \${env:NAME} or \${file:path}`,
  };
}

/** Keys of a warehouse's connection that hold secrets; the others say where it is, and who asks. */
export const connectionSecrets: readonly string[] = ["credentials", "private_key", "passphrase", "token", "password"];

export interface SecretWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's root: relative paths start there. */
  readonly root: string;
  /** Who asks, for the error: `destination "meta_ads"`. */
  readonly subject: string;
}

/**
 * Every reference of a value replaced by its secret, and a masker that knows them. Throws E334 when one is not set; the
 * error names the variable or file, never a value.
 */
export function resolveSecrets<T extends Json>(
  value: T,
  world: SecretWorld,
): { readonly resolved: T; readonly masker: Masker } {
  const masker = new Masker();
  const visit = (inner: Json): Json => {
    if (typeof inner === "string")
      return isSecret(inner)
        ? inner.replaceAll(reference, (_text, inside: string) => resolveOne(inside, world, masker))
        : inner;
    if (Array.isArray(inner)) return inner.map(visit);
    if (typeof inner === "object" && inner !== null)
      return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, visit(item)]));
    return inner;
  };
  return { resolved: visit(value) as T, masker };
}

function resolveOne(inside: string, world: SecretWorld, masker: Masker): string {
  const parsed = parseReference(inside);
  if ("code" in parsed) throw failure(parsed.code, `${parsed.message}, in ${world.subject}`);
  const secret = parsed.kind === "env" ? (world.env[parsed.name] ?? parsed.fallback) : readSecret(parsed.path, world);
  if (secret === undefined || secret === "") {
    throw failure(
      "E334",
      `the secret ${parsed.kind === "env" ? `\${env:${parsed.name}}` : `\${file:${parsed.path}}`} of ${world.subject} is not set`,
      {
        hint:
          parsed.kind === "env"
            ? `set ${parsed.name} in the environment of this command`
            : "make the file, readable by this user only",
      },
    );
  }
  masker.add(secret);
  return secret;
}

/** A secret file: anywhere when absolute (mounts of secret managers), below the project when relative; at most 64 KB. */
function readSecret(file: string, world: SecretWorld): string | undefined {
  const full = path.resolve(world.root, file);
  if (!path.isAbsolute(file) && !isInside(full, [realpathSync.native(world.root)])) {
    throw failure("E341", `the secret file "${file}" of ${world.subject} leads outside the project`, {
      hint: "write its absolute path",
    });
  }
  try {
    return statSync(full).size > 65_536 ? undefined : readFileSync(full, "utf8").replace(/\r?\n$/, "");
  } catch {
    return undefined;
  }
}
