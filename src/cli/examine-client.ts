/** doctor: which version of its maker's client a warehouse is spoken to with. */
import type { RemoteSpec } from "../models/connection.ts";
import type { Project } from "../project/project.ts";
import { packageVersion } from "../warehouse/load-package.ts";
import { check, type Check } from "./doctor-check.ts";

interface Client {
  readonly name: string;
  /** Major versions that docs/dependencies.md speaks of. */
  readonly known: readonly number[];
  /** A package that may stand beside it, and what is without it. */
  readonly more?: { readonly name: string; readonly without: string };
}

const clients: Readonly<Record<RemoteSpec["type"], Client>> = {
  bigquery: {
    name: "@google-cloud/bigquery",
    known: [8, 9],
    more: {
      name: "@google-cloud/bigquery-storage",
      without: "results of more than 50,000 rows come page by page",
    },
  },
  snowflake: { name: "snowflake-sdk", known: [3] },
};

export function examineClient({ root }: Project, { type }: RemoteSpec): Check {
  const { name, known, more } = clients[type];
  const version = packageVersion(name, root);
  if (version === null) return check("client", "failed", `${name} is not installed`, `npm install ${name}`);
  const beside = more === undefined ? [] : [besideIt(more, packageVersion(more.name, root))];
  const message = [`${name} ${version}`, ...beside].join("; ");
  if (known.includes(Number.parseInt(version, 10))) return check("client", "ok", message);
  return check(
    "client",
    "warning",
    `${message}: not a version that millrace was tried with`,
    `npm install ${name}@${known[0]}`,
  );
}

const besideIt = ({ name, without }: NonNullable<Client["more"]>, version: string | null): string =>
  version === null ? `without ${name}, ${without}` : `${name} ${version}`;
