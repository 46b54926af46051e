/** Every built-in platform, each from its own file of ./built-in, and a project that sends everybody to some of them. */
import { readdirSync } from "node:fs";
import { startLab, type Lab } from "./lab.ts";
import type { Platform } from "./platform.ts";

const folder = new URL("./built-in/", import.meta.url);
const loaded = readdirSync(folder)
  .toSorted()
  .map(
    async (file): Promise<{ default: readonly Platform[] }> => import(/* @vite-ignore */ new URL(file, folder).href),
  );

export const platforms: readonly Platform[] = (await Promise.all(loaded)).flatMap((module) => module.default);

const syncOf = ({ name, sync }: Platform): string => `  - name: ${name}
    model: customers
    destination: ${name}
    rejected_rows: { warn: 100%, fail: 100% }
    ${sync}
`;

const models = `seeds:
  - name: people
    column_types: { id: bigint, email: varchar, phone: varchar, name: varchar, points: bigint }
models:
  - { name: customers, primary_key: id }
syncs:
`;

/** One project that sends everybody to all of these platforms. */
export const startPlatforms = (some: readonly { readonly platform: Platform; readonly url: string }[]): Promise<Lab> =>
  startLab({
    "models/customers.sql": "select * from {{ ref('people') }}\n",
    "models/models.yml": models + some.map(({ platform }) => syncOf(platform)).join(""),
    ...Object.fromEntries(
      some.map(({ platform, url }) => [
        `destinations/${platform.name}.yml`,
        `destination: ${platform.name}\n${platform.destination(url)}\n`,
      ]),
    ),
  });
