/** A refresh token that the platform put in the place of the configured one, kept for the next process (F33). */
import { createHash } from "node:crypto";
import path from "node:path";
import type { Files } from "../ports.ts";
import type { DestinationResource, Project } from "../project/project.ts";
import type { TokenKeeper } from "./token.ts";

/** Below `.millrace`, which is git-ignored; mode 0600. */
export const tokenFile = (project: Project, destination: Pick<DestinationResource, "name">): string =>
  path.join(project.root, ".millrace", "tokens", project.environment.name, `${destination.name}.json`);

/** `credentials` are the configured ones, resolved: a token kept in the place of other ones is not used. */
export function tokenKeeper(files: Files, file: string, credentials: Readonly<Record<string, unknown>>): TokenKeeper {
  const owner = createHash("sha256").update(JSON.stringify(credentials)).digest("hex");
  return {
    async read() {
      const bytes = await files.read(file);
      if (bytes === null) return null;
      try {
        const kept = JSON.parse(new TextDecoder().decode(bytes)) as {
          readonly for?: string;
          readonly refresh_token?: string;
        };
        return kept.for === owner && typeof kept.refresh_token === "string" ? kept.refresh_token : null;
      } catch {
        return null;
      }
    },
    write: (refreshToken) =>
      files.writeAtomic(file, `${JSON.stringify({ for: owner, refresh_token: refreshToken })}\n`),
  };
}
