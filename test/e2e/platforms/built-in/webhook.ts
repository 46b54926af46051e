import type { Fake } from "../../../fakes/server.ts";
import { startWebhookReceiver, type WebhookState } from "../../../fakes/webhook.ts";
import { env } from "../lab.ts";
import { emailOf } from "../people.ts";
import { gently, type Platform } from "../platform.ts";

const webhook = (format: "json" | "ndjson", object: "member" | "record"): Platform => ({
  name: `webhook_${object}_${format}`,
  start: () => startWebhookReceiver({ secret: env.LAB_SECRET }),
  destination: (url) => `type: webhook
credentials: { secret: "\${env:LAB_SECRET}" }
config: { url: "${url}/in", format: ${format}, allow_private_network: true }
${gently}`,
  sync: `object: ${object}
    mode: mirror
    ${object === "record" ? "on_leave: delete" : "on_leave: remove"}
    identifiers: { email: email }
    nulls: clear
    mappings: [{ to: name, from: name }, { to: points, from: points }]`,
  writing: "POST /in",
  trustsStatus: true,
  held: ({ state }: Fake<WebhookState>) =>
    Object.fromEntries([...state.members].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  // A webhook gets identifiers as the shop has them, spaces and all.
  desired: (now) =>
    Object.fromEntries(
      now.map(({ id, email, name, points }) => [
        String(id),
        { identifiers: { email: email?.[0] }, fields: { name, points } },
      ]),
    ),
  mark: emailOf,
  spoilt: { status: 422, body: { message: "cannot read it" } },
  refuse: ({ state }: Fake<WebhookState>, { id }) =>
    void state.refuse.set(String(id), { code: "no", message: "not this one" }),
  forgive: ({ state }: Fake<WebhookState>) => state.refuse.clear(),
  gone: { status: 410, body: { message: "gone" } },
  refusal: { code: "no", message: "not this one" },
});

export default [webhook("json", "member"), webhook("ndjson", "record")];
