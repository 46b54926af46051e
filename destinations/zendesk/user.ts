import { defineObject, email, externalId, number, text } from "millrace/destination";
import type { Config } from "./api.ts";
import { recordsOf } from "./record.ts";
import { commonFields, type Kind, upsertEach } from "./single.ts";
import { upsertAsJob } from "./user-job.ts";

const users: Kind = {
  one: "user",
  fields: {
    ...commonFields,
    phone: text(),
    alias: text(),
    locale: text(),
    time_zone: text(),
    organization_id: number({ integer: true }),
  },
};

/** `user`: end users, in jobs unless the configuration says otherwise. */
export const user = defineObject<Config, "email" | "external_id">({
  ...recordsOf(users, (batch, ctx, kind) => (ctx.config.bulk_users ? upsertAsJob : upsertEach)(batch, ctx, kind)),
  describe: "A user, known by e-mail or external id",
  identifiers: { email: email(), external_id: externalId() },
});
