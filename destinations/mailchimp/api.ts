/** How one talks to Mailchimp: the settings of an account, the paths of its one audience, and how it words an error. */
import type { Change, Context } from "millrace/destination";
import { jsonApi, networkSettings } from "millrace/destination";
import { z } from "zod";

/** Subscriptions that a new member can get. */
export const statuses = ["subscribed", "pending", "transactional", "unsubscribed"] as const;

const dataCentre = /^[a-z]+\d+$/;

/** `config:` of a Mailchimp account and audience. */
export const settings = z.strictObject({
  data_centre: z.string().regex(dataCentre).describe("What stands behind the hyphen of the API key: us21."),
  list_id: z.string().min(1).describe("Id of the audience (list)."),
  status_if_new: z
    .enum(statuses)
    .default("transactional")
    .describe("Subscription of members that are made; transactional: none. Nobody else's is ever touched."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;

/** A code from an error's title: `Member In Compliance State` -> `member_in_compliance_state`. */
export const codeOf = (title: unknown): string => String(title).toLowerCase().replaceAll(" ", "_");

/** Mailchimp's API in the account's data centre. */
export const api = jsonApi<Config>({
  base: ({ data_centre }) => `https://${data_centre}.api.mailchimp.com/3.0`,
  // RFC 7807; the title is the kind: Member In Compliance State, Forgotten Email Not Subscribed (facts B1).
  fault({ status, body }) {
    if (status < 400 || typeof body?.title !== "string") return undefined;
    const fields = Array.isArray(body.errors) ? body.errors.map((each: any) => `${each?.field}: ${each?.message}`) : [];
    return { code: codeOf(body.title), message: [body.detail ?? body.title, ...fields].join("; ") };
  },
});

/** Path of the audience. */
export const audiencePath = ({ config }: Pick<Context<Config>, "config">): string =>
  `lists/${encodeURIComponent(config.list_id)}`;

/** 500 members a request, 10 connections an account (facts B1), of which others have two. */
export const limits = { rows: 500, concurrency: 8 };

/** The address that a row is known by, in lower case. */
export const emailOf = ({ identifiers }: Change): string => identifiers["email"] ?? "";

/** An address of an answer as rows have it. */
export const lower = (address: unknown): string => String(address).toLowerCase();
