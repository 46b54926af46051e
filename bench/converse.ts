/** Whole conversations about rows: encoded, cut into batches, handed to the object's `deliver`, its requests made into JSON, the answers read. */
import { encodeFields, encodeValue } from "../src/destination/encode.ts";
import { configured, type Change, type Destination, type HttpRequest, type Json } from "../src/destination/index.ts";

export interface Spoken {
  readonly destination: Destination;
  readonly object: string;
  readonly config: object;
  /** The body of what the platform answers, as text. */
  answer(request: HttpRequest, body: string): string;
}

export interface Raw {
  readonly identifiers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, Json>>;
}

/** Rows that were accepted. */
export function converse({ destination, object: name, config, answer }: Spoken, rows: readonly Raw[]): number {
  const parsed = destination.config.parse(config) as Record<string, unknown>;
  const object = configured(destination.objects[name]!, parsed);
  const context = { config: parsed, sync: "bench", runId: "bench", environment: "bench", mode: "upsert", asOf: 0 };
  let accepted = 0;
  for (let from = 0; from < rows.length; from += object.limits.rows) {
    const changes = rows.slice(from, from + object.limits.rows).flatMap((row, place): Change[] => {
      const encoded = encodeFields(object, row.fields);
      if ("reject" in encoded) return [];
      const identifiers: Record<string, string> = {};
      for (const kind in row.identifiers) {
        const options = kind === "phone" ? { defaultCountry: "FR" } : {};
        const value = encodeValue(object.identifiers[kind]!, row.identifiers[kind]!, options);
        if (value !== null) identifiers[kind] = value;
      }
      return [{ op: "add", key: from + place, identifiers, fields: encoded.fields, idempotencyKey: `p-${place}-0` }];
    });
    const exchange = object.deliver(
      { id: "0123456789abcdef", op: "add", index: 0, changes },
      { ...context, remote: { id: "1" }, remoteConfig: {} },
    );
    let step = exchange.next();
    while (step.done !== true) {
      if (!("http" in step.value)) throw new Error("only requests are answered here");
      const { http } = step.value;
      const text = answer(http, typeof http.body === "string" ? http.body : JSON.stringify(http.body));
      step = exchange.next({ status: 200, headers: {}, text, body: JSON.parse(text) } as never);
    }
    for (const { status } of step.value) accepted += status === "accepted" ? 1 : 0;
  }
  return accepted;
}
