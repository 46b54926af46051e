/** The private key of a login by key pair, as the driver takes it. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { failure, type MillraceError } from "../errors.ts";

export interface KeyText {
  /** PEM of an RSA key, PKCS#8 or PKCS#1. */
  readonly privateKey: string;
  /** Where it is encrypted. */
  readonly passphrase?: string;
}

/** The key as unencrypted PKCS#8, the one form the driver takes without a passphrase. E740, without a word of the key. */
export function plainPem(text: KeyText): string {
  const key = readKey(text);
  if (key.asymmetricKeyType !== "rsa")
    throw broken(
      `the private key is of type ${key.asymmetricKeyType}, Snowflake takes RSA keys only`,
      "openssl genrsa 2048 | openssl pkcs8 -topk8 -inform PEM -out snowflake.p8",
    );
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function readKey({ privateKey, passphrase }: KeyText): KeyObject {
  try {
    return createPrivateKey({ key: privateKey, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // Without the cause: OpenSSL's words may hold parts of the key.
    throw broken(...whatIsWrong(privateKey.trim(), passphrase));
  }
}

function whatIsWrong(text: string, passphrase: string | undefined): readonly [message: string, hint: string] {
  if (!text.startsWith("-----BEGIN "))
    return [
      "the private key is no PEM text",
      /^[\w./~\\: -]{1,400}$/.test(text) && /\.(p8|pem|key)$|^[~.]?\//.test(text)
        ? "it looks like the path of a file: write `${file:path}` instead of its name"
        : "it begins with -----BEGIN PRIVATE KEY----- or -----BEGIN ENCRYPTED PRIVATE KEY-----: take the whole file",
    ];
  if (/^-----BEGIN [A-Z ]*PUBLIC KEY-----/.test(text))
    return ["the private key is a public key", "the public half belongs on the user of Snowflake, the other one here"];
  if (!text.includes("\n"))
    return [
      "the private key has lost its line breaks",
      "put it into a file and write `${file:path}`, or keep the line breaks in the variable",
    ];
  const encrypted = /ENCRYPTED/.test(text);
  if (encrypted && passphrase === undefined)
    return ["the private key is encrypted, and there is no passphrase", "set `connection.passphrase`, by `${env:…}`"];
  if (encrypted)
    return ["the passphrase does not open the private key", "check `connection.passphrase`, and that the key is whole"];
  return ["the private key cannot be read", "it was cut or changed: take the whole file, from -----BEGIN to END-----"];
}

function broken(message: string, hint: string): MillraceError {
  return failure("E740", message, { hint });
}
