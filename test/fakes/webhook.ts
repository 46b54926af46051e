import { standardWebhook } from "../../src/destination/standard-webhooks.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface Member {
  readonly identifiers: Readonly<Record<string, unknown>>;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface WebhookState {
  /** JSON text of the key -> what was last sent of it. */
  readonly members: Map<string, Member>;
  /** Ids of batches already applied: sent again they change nothing. */
  readonly batches: Set<string>;
  /** Batches that arrived again under an id seen before. */
  repeats: number;
  /** Rejects rows, by JSON text of the key; others of the batch are taken and the answer is 207. */
  readonly refuse: Map<string, { readonly code: string; readonly message: string }>;
}

interface Delivery {
  readonly batch: string;
  readonly op: string;
  readonly changes: readonly { key: unknown; identifiers: Member["identifiers"]; fields?: Member["fields"] }[];
}

/** A receiver of webhook batches, in either format; with `secret` it checks Standard Webhooks signatures. */
export function startWebhookReceiver(options: { readonly secret?: string } = {}): Promise<Fake<WebhookState>> {
  const state: WebhookState = { members: new Map(), batches: new Set(), repeats: 0, refuse: new Map() };
  return startFake(state, (request) => {
    if (options.secret !== undefined && !signed(request, options.secret))
      return { status: 401, body: { message: "bad signature" } };
    const delivery = deliveryOf(request);
    return delivery === undefined ? { status: 400, body: { message: "no batch" } } : apply(state, delivery);
  });
}

function deliveryOf({ headers, text, body }: FakeRequest): Delivery | undefined {
  if (headers["content-type"] !== "application/x-ndjson") return Array.isArray(body?.changes) ? body : undefined;
  const lines = text.split("\n").filter((line) => line !== "");
  const batch = headers["millrace-batch"];
  return batch === undefined
    ? undefined
    : { batch, op: headers["millrace-op"] ?? "", changes: lines.map((line) => JSON.parse(line)) };
}

function signed({ headers, text }: FakeRequest, secret: string): boolean {
  const id = headers["webhook-id"] ?? "";
  const expected = standardWebhook(secret, { id, timestamp: Number(headers["webhook-timestamp"]), body: text });
  return id !== "" && expected["webhook-signature"] === headers["webhook-signature"];
}

function apply(state: WebhookState, { batch, op, changes }: Delivery): FakeAnswer {
  if (state.batches.has(batch)) state.repeats += 1;
  const fresh = !state.batches.has(batch);
  state.batches.add(batch);
  const results = changes.map(({ key, identifiers, fields = {} }) => {
    const name = JSON.stringify(key);
    const refusal = state.refuse.get(name);
    if (refusal !== undefined) return { status: "rejected", ...refusal };
    if (fresh && op === "remove") state.members.delete(name);
    else if (fresh) state.members.set(name, { identifiers, fields });
    return { status: "accepted" };
  });
  return results.some(({ status }) => status === "rejected")
    ? { status: 207, body: { results } }
    : { status: 200, body: {} };
}
