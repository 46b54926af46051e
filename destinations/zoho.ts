/**
 * Zoho CRM: records of any module, 100 a call, answered in order (`zoho/api.ts`). A record is found by its unique fields; one
 * whose unique field changed is written by its id (`zoho/record.ts`).
 */
import { defineDestination, oauthCredentials, refreshGrant, said } from "millrace/destination";
import { z } from "zod";
import { api, classify, type Config, settings } from "./zoho/api.ts";
import { record } from "./zoho/record.ts";

export default defineDestination<Config>({
  name: "zoho",
  describe: "Zoho CRM records of any module.",
  docs: "https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html",
  guide: {
    credentials:
      "Register a self client in the API console of your data centre, with the scopes ZohoCRM.modules.ALL and ZohoSearch.securesearch.READ, and ZohoCRM.org.READ, by which Zoho says whose account it is, and exchange its code for a refresh token.",
    refused: "Zoho answers record by record: a refused row has its code, words and the field's API name.",
    erasure: "Delete the record (`on_leave: delete`, mode remove), then empty the recycle bin (60 days).",
  },
  config: settings,
  credentials: z.strictObject(oauthCredentials),
  auth: {
    type: "oauth2",
    token({ credentials, config }) {
      if (!credentials["refresh_token"]) return null;
      const { origin } = new URL((config as Config).accounts_url);
      return { url: `${origin}/oauth/v2/token`, form: refreshGrant(credentials) };
    },
    headers: (token) => ({ authorization: `Zoho-oauthtoken ${token}` }),
  },
  effects: ["http"],
  hosts: (config, session) => [...api.hosts(config, session), new URL(config.accounts_url).hostname],
  classify,
  *check(ctx) {
    return api.finding(yield* api.get(ctx, "Contacts?fields=id&per_page=1"), "reads contacts");
  },
  // Scope ZohoCRM.org.READ (zoho.com/crm/developer/docs/api, Organization API).
  account: (ctx) => said(api.get(ctx, "org"), (body) => body?.org?.[0]?.zgid),
  objects: { record },
});
