import { z } from "zod";
import type { Destination } from "../destination/index.ts";
import type { Credentials } from "./auth.ts";
import { postgresWire } from "./postgres-wire.ts";
import { sftpWire } from "./sftp-wire.ts";
import { type Wire, WireFault } from "./wire.ts";

/** Settings and secrets of a destination with the effect `sql`, under the names that the engine reads. */
const database = z.object({
  host: z.string(),
  port: z.number().default(5432),
  database: z.string(),
  user: z.string(),
  password: z.string().default(""),
  ssl: z.boolean().default(true),
  statement_timeout: z.number().default(60),
  allow_private_network: z.boolean().default(false),
});

/** The same with the effect `sftp`. */
const fileServer = z.object({
  host: z.string(),
  port: z.number().default(22),
  user: z.string(),
  password: z.string().optional(),
  private_key: z.string().optional(),
  passphrase: z.string().optional(),
  host_key: z.union([z.string(), z.array(z.string())]),
  path: z.string().default("."),
  allow_private_network: z.boolean().default(false),
});

/** A destination of users' own that declares an effect, but not the settings the engine needs for it. */
function unready({ issues }: z.ZodError): Wire {
  const names = issues.map(({ path }) => path.join(".")).join(", ");
  return {
    carry: async () => {
      throw new WireFault(`its config or credentials lack what the engine reads: ${names}`, false, {
        code: "E817",
        hint: "declare them in the destination's `config` and `credentials`, as the built-in ones do",
      });
    },
    close: async () => undefined,
  };
}

/** The way of a destination whose effects are no HTTP; undefined where they are. Nothing is connected yet. */
export function openWire(
  { effects }: Pick<Destination, "effects">,
  config: Readonly<Record<string, unknown>>,
  credentials: Credentials,
): Wire | undefined {
  const given = { ...config, ...credentials };
  if (effects.includes("sql")) {
    const settings = database.safeParse(given);
    if (!settings.success) return unready(settings.error);
    const { statement_timeout: seconds, allow_private_network: allowPrivate, ...rest } = settings.data;
    return postgresWire({ ...rest, allowPrivate, statementTimeoutMs: seconds * 1000 });
  }
  if (!effects.includes("sftp")) return undefined;
  const settings = fileServer.safeParse(given);
  if (!settings.success) return unready(settings.error);
  const found = settings.data;
  return sftpWire({
    host: found.host,
    port: found.port,
    username: found.user,
    password: found.password,
    privateKey: found.private_key,
    passphrase: found.passphrase,
    hostKeys: [found.host_key].flat(),
    root: found.path,
    allowPrivate: found.allow_private_network,
  });
}
