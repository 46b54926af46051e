/** A project with a destination of its own that may not repeat a request, and a source that grows old. */
import type { Place } from "./places.ts";
import type { Person, Shop } from "./project.ts";

/** Sends addresses as their SHA-256, one person a request; what has no answer is held, since a repeat would harm. */
const once = `import { defineDestination, defineObject, post, byStatus, all, anyValue, exact } from "millrace/destination";
import { z } from "zod";
export default defineDestination({
  name: "once", describe: "Once", docs: "https://example.com",
  config: z.strictObject({ url: z.string(), allow_private_network: z.boolean().default(false) }),
  credentials: z.strictObject({}), auth: { type: "none" }, effects: ["http"], hosts: ({ url }) => [new URL(url).hostname],
  objects: { person: defineObject({ describe: "A person", kind: "membership", ops: ["add", "update", "remove"], delivery: "once",
    identify: "any", identifiers: { email: { ...exact(), hash: "sha256" } }, fields: {}, openFields: anyValue({ describe: "Any" }),
    limits: { rows: 1, concurrency: 1 },
    *deliver(batch, { config }) {
      const { id, op, changes } = batch;
      const answer = yield* post(config.url, JSON.stringify({ batch: id, op, changes }), { headers: { "content-type": "application/json" } });
      return all(batch, byStatus(answer));
    } }) },
});
`;

const mail = (url: string): string => `destination: mail
type: once
late: 0s
retry: { attempts: 1 }
config: { url: "${url}/mail", allow_private_network: true }
`;

const customers = `select id, name, email, country, spent from {{ source('raw', 'people') }}
cross join (select max(seen_at) as seen from {{ source('raw', 'visits') }}) visited
`;

const vipToMail = "{ name: vip_to_mail, audience: vip, destination: mail, object: person, mode: mirror }";

export const people: readonly Person[] = [
  [1, "Ada", "ada@example.com", "FR", 250],
  [2, "Bo", "bo@example.com", "FR", 20],
  [3, "Cy", "cy@example.com", "DE", 900],
];

/** Fills the shop; its model's newest visit is of 2026-03-01T05:00:00Z. */
export async function writeOperated(shop: Shop, type: Place["type"]): Promise<void> {
  await shop.people(...people);
  // Also the journal stands in the warehouse: a runner's disk is gone with it.
  if (type !== "duckdb") await shop.edit("millrace.yml", "reveal_pii: true", "journal: warehouse");
  await shop.table("visits", { seen_at: "timestamptz" }, [["2026-03-01T05:00:00Z"]]);
  const visits = "{ name: visits, freshness: { field: seen_at, fail: 2d } }";
  await shop.edit("models/models.yml", "[{ name: people }]", `[{ name: people }, ${visits}]`);
  await shop.write("models/customers.sql", customers);
  await shop.edit("models/models.yml", /^ {2}- \{ name: vip_to_hook.*$/gm, `  - ${vipToMail}`);
  await shop.write("destinations/once.mjs", once);
  await shop.write("destinations/mail.yml", mail(shop.receiver.url));
}
