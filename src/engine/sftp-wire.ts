/** SFTP through the package `ssh2-sftp-client`: file effects below one folder of a server whose key is known. */
import { hash } from "node:crypto";
import { posix } from "node:path";
import type { FileEffect } from "../destination/index.ts";
import { fitAddress } from "./fit-address.ts";
import { optionalPackage } from "./optional-package.ts";
import { type Wire, WireFault } from "./wire.ts";

export interface SftpOptions {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  /** Fingerprints as `ssh-keygen -l` prints them: `SHA256:…`. */
  readonly hostKeys: readonly string[];
  /** The folder on the server that all paths lie below. */
  readonly root: string;
  readonly allowPrivate: boolean;
}

/** What is used of `ssh2-sftp-client`. */
interface Client {
  connect(options: object): Promise<unknown>;
  end(): Promise<unknown>;
  put(content: Buffer, path: string): Promise<unknown>;
  mkdir(path: string, recursive: true): Promise<unknown>;
  posixRename(from: string, to: string): Promise<unknown>;
  stat(path: string): Promise<{ readonly size: number }>;
  list(path: string): Promise<readonly { readonly name: string }[]>;
  exists(path: string): Promise<false | string>;
}
interface Package {
  readonly default: new (name: string, on: Readonly<Record<"error" | "end" | "close", () => void>>) => Client;
}

const connectTimeoutMs = 15_000;

export function sftpWire(options: SftpOptions): Wire {
  let client: Client | null = null;
  const folders = new Set<string>();

  async function connected(): Promise<Client> {
    if (client !== null) return client;
    const { default: SftpClient } = await optionalPackage<Package>(
      "ssh2-sftp-client",
      () => import("ssh2-sftp-client" as string),
    );
    // Without listeners the package prints on stdout, where a command's data stands.
    const lost = (): void => {
      if (client === made) client = null;
    };
    const made: Client = new SftpClient("millrace", { error: lost, end: lost, close: lost });
    await connect(made, options);
    return (client = made);
  }

  async function makeFolder(sftp: Client, folder: string): Promise<void> {
    if (folders.has(folder)) return;
    await sftp.mkdir(folder, true);
    folders.add(folder);
  }

  return {
    async carry(effect) {
      if (!("sftp" in effect)) throw new WireFault("a file server answers no statements", false);
      const paths = pathsOf(effect.sftp).map((name) => below(options.root, name));
      try {
        return await perform(await connected(), effect.sftp, paths, makeFolder);
      } catch (error) {
        throw faultOf(error);
      }
    },
    async close() {
      await client?.end().catch(() => undefined);
      client = null;
    },
  };
}

async function connect(client: Client, options: SftpOptions): Promise<void> {
  const { host, port, username, password, privateKey, passphrase, hostKeys, allowPrivate } = options;
  let shown = "";
  try {
    await client.connect({
      host: await fitAddress(host, allowPrivate),
      port,
      username,
      ...(privateKey === undefined ? { password } : { privateKey, passphrase }),
      readyTimeout: connectTimeoutMs,
      // A server that is gone is noticed after half a minute of silence.
      keepaliveInterval: 10_000,
      keepaliveCountMax: 3,
      hostVerifier(key: Buffer) {
        shown = `SHA256:${hash("sha256", key, "base64").replace(/=+$/, "")}`;
        return hostKeys.includes(shown);
      },
    });
  } catch (error) {
    if (shown === "" || hostKeys.includes(shown)) throw error;
    throw new WireFault(`${host} shows another host key than the one pinned: ${shown}`, false, {
      code: "E831",
      hint: "ask the server's owner; if the key was changed on purpose, set `host_key` to the new one",
    });
  }
}

const pathsOf = (effect: FileEffect): readonly string[] =>
  "rename" in effect
    ? [effect.rename, effect.to]
    : ["write" in effect ? effect.write : "list" in effect ? effect.list : effect.parquet];

/** A name's path, which must stay below the root. */
function below(root: string, name: string): string {
  const parts = name.split("/");
  if (name !== "" && !/[\0\\]/.test(name) && !parts.includes("..") && !name.startsWith("/"))
    return posix.join(root, name);
  throw new WireFault("a destination may write below its own folder only", false, {
    code: "E819",
    hint: "use names without `..`",
  });
}

async function perform(
  sftp: Client,
  effect: FileEffect,
  [path = "", to = ""]: readonly string[],
  makeFolder: (sftp: Client, folder: string) => Promise<void>,
): Promise<unknown> {
  if ("list" in effect) {
    if ((await sftp.exists(path)) === false) return [];
    return (await sftp.list(path)).map(({ name }) => name).toSorted();
  }
  if ("rename" in effect) {
    await makeFolder(sftp, posix.dirname(to));
    try {
      await sftp.posixRename(path, to);
    } catch (error) {
      // A try that was never answered has done it.
      if ((await sftp.exists(path)) !== false || (await sftp.exists(to)) === false) throw error;
    }
    return undefined;
  }
  if (!("write" in effect) || effect.append === true) throw new WireFault("only whole texts travel by SFTP", false);
  const content = Buffer.from(effect.content);
  await makeFolder(sftp, posix.dirname(path));
  await sftp.put(content, path);
  const { size } = await sftp.stat(path);
  if (size !== content.length) throw new WireFault(`the server kept ${size} of ${content.length} bytes`, true);
  return undefined;
}

/** Every effect can be repeated, so doubt is the safe answer where it is not known how far one got. */
function faultOf(error: unknown): WireFault {
  if (error instanceof WireFault) return error;
  const { message, code = "" } = error as { readonly message: string; readonly code?: string | number };
  const words = message.split("\n")[0]?.slice(0, 200) ?? "";
  if (/authentication methods failed|Cannot parse privateKey|passphrase/i.test(message))
    return new WireFault("the server refuses the user, its key or its password", false, {
      code: "E812",
      hint: "check user, private_key or password, and that the server lets them in from here",
    });
  if (code === "EACCES" || code === 3 || /permission denied/i.test(message))
    return new WireFault(`the server refuses permission: ${words}`, false, {
      code: "E813",
      hint: "the user needs to write below `path`",
    });
  return new WireFault(`the file server: ${words}`, true);
}
