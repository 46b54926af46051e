/**
 * Google Customer Match and conversions by the Data Manager API. A request is taken whole, or refused naming the rows that
 * spoil it: the others go again without them. What became of a request is asked until Google knows, by the next run if need
 * be. `removeAll` is not used: the ledger knows exactly who has to leave.
 *
 * How it is talked to stands in ./google/api.ts and ./google/request.ts; ./google/audience.ts keeps the lists,
 * ./google/event.ts sends conversions, and ./google/person.ts has what both say of a person.
 */
import { defineDestination, serviceAccountCredentials, signedIn } from "millrace/destination";
import { z } from "zod";
import { api, type Config, scope, settings, userLists } from "./google/api.ts";
import { audience } from "./google/audience.ts";
import { event } from "./google/event.ts";

export default defineDestination<Config>({
  name: "google",
  describe: "Google Customer Match lists and conversions (Data Manager API).",
  docs: "https://developers.google.com/data-manager/api",
  guide: {
    credentials: `Enable the Data Manager API in a Cloud project; take a refresh token with the scope ${scope} of a user of the account, or the key file of a service account that is one.`,
    refused:
      "A refused request names rows: those are refused, the others are sent again. What Google drops later it only counts by reason: the run's log has the counts.",
    erasure: "Removing the person from every list: Google keeps no row that could be read back.",
  },
  config: settings,
  credentials: z.strictObject(serviceAccountCredentials),
  auth: signedIn("https://oauth2.googleapis.com/token", scope),
  effects: ["http", "checkpoint"],
  hosts: (config, session) => [...api.hosts(config, session), "oauth2.googleapis.com"],
  // ABORTED: another request was in the way (facts A3).
  classify: ({ status }) => (status === 409 ? "retry" : undefined),
  *check({ config }) {
    const response = yield* api.get({ config }, `${userLists(config)}?pageSize=1`);
    return api.finding(response, `reads the user lists of account ${config.account}`);
  },
  objects: { audience, event },
});
