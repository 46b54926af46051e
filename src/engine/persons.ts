/** Pseudonyms: everywhere outside the ledger a person is HMAC(project key, k), cut to 12 hex (decision 14). */
import { createHmac, randomBytes } from "node:crypto";
import path from "node:path";
import type { Files } from "../ports.ts";

export type Person = (k: string) => string;

/** The project's pseudonyms; the key is made on first use, readable by its owner only. */
export async function openPersons(files: Files, root: string): Promise<Person> {
  const file = path.join(root, ".millrace", "project.key");
  const known = await files.read(file);
  const key = known === null ? randomBytes(32) : Buffer.from(Buffer.from(known).toString("utf8"), "hex");
  if (known === null) await files.writeAtomic(file, key.toString("hex"));
  return (k) => createHmac("sha256", key).update(k).digest("hex").slice(0, 12);
}

/** `a•••@example.com`, `+336•••12`: enough to recognise one's own, too little to learn somebody's. */
export function maskValue(value: string): string {
  const at = value.lastIndexOf("@");
  if (at > 0) return `${value.slice(0, 1)}•••${value.slice(at)}`;
  if (value.length <= 4) return "•••";
  return `${value.slice(0, 2)}•••${value.slice(-2)}`;
}
