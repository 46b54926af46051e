/**
 * Events for Google Analytics 4 by the Measurement Protocol. It answers 2xx whatever becomes of an event, so what it would
 * drop is refused before: by its published limits here, and by its validation server.
 *
 * How it is talked to stands in ./ga4/api.ts, the limits in ./ga4/content.ts, sending in ./ga4/event.ts.
 */
import { defineDestination } from "millrace/destination";
import { z } from "zod";
import { api, collect, type Config, settings } from "./ga4/api.ts";
import { event } from "./ga4/event.ts";

export default defineDestination<Config>({
  name: "ga4",
  describe: "Events for Google Analytics 4 (Measurement Protocol).",
  docs: "https://developers.google.com/analytics/devguides/collection/protocol/ga4",
  guide: {
    credentials:
      "Make a secret under Admin, Data streams, the stream, Measurement Protocol API secrets. GA4 tells nobody when it is wrong: look for the first events in Realtime.",
    refused:
      "What GA4's limits or its validation server say no to is refused before sending; an event that was sent is never told of again.",
    erasure: "GA4's User Deletion API or its user explorer, by client or user id; millrace does not call it.",
  },
  config: settings,
  credentials: z.strictObject({ api_secret: z.string().describe("Measurement Protocol API secret of the stream.") }),
  auth: {
    type: "custom",
    headers: () => ({}),
    query: ({ api_secret }): Record<string, string> => (typeof api_secret === "string" ? { api_secret } : {}),
  },
  effects: ["http"],
  hosts: api.hosts,
  *check({ config }) {
    const response = yield* api.post({ config }, `debug/${collect(config)}`, {
      client_id: "millrace",
      events: [{ name: "check" }],
    });
    return api.finding(
      response,
      "reaches the validation server; whether api_secret and stream are right, GA4 does not say",
    );
  },
  objects: { event },
});
