/** How one talks to the Measurement Protocol: a stream, collected globally or in the European Union. */
import { customerMatch, jsonApi, networkSettings } from "millrace/destination";
import { z } from "zod";

/** The `config:` block. */
export const settings = z.strictObject({
  stream: z.string().min(1).describe("Measurement id of a web stream, G-…, or Firebase app id of an app stream."),
  region: z.enum(["global", "eu"]).default("global").describe("eu: events are collected in the European Union."),
  validate: z.boolean().default(true).describe("Ask GA4's validation server before sending: one more request."),
  ...customerMatch.consentSettings,
  max_age_hours: z.int().min(1).default(72).describe("Older events are skipped as too old."),
  value_length: z.int().min(1).default(100).describe("Longest text of a parameter: 100, in Analytics 360 500."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;

/** The API; its secret travels in the query. */
export const api = jsonApi<Config>({
  base: ({ region }) => (region === "eu" ? "https://region1.google-analytics.com" : "https://www.google-analytics.com"),
});

/** Web streams know browsers by client id, app streams know instances of the app. */
export const isWeb = ({ stream }: Config): boolean => stream.startsWith("G-");

/** Path of the stream. */
export const collect = (config: Config): string =>
  `mp/collect?${isWeb(config) ? "measurement_id" : "firebase_app_id"}=${encodeURIComponent(config.stream)}`;
