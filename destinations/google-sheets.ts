/**
 * Rows of a Google sheet: the first row names the columns, one column holds the model's key. There is no upsert, so each batch
 * reads the key column first (`google-sheets/rows.ts`): what is there is written over, what is not is appended, what left is
 * deleted from the bottom up. A request whose answer was lost is never repeated blindly: the next run reads the keys again.
 */
import { defineDestination, jwtAssertion, jwtGrant } from "millrace/destination";
import { z } from "zod";
import { api, type Config, settings, sheetIds, spreadsheet } from "./google-sheets/api.ts";
import { record } from "./google-sheets/record.ts";

const tokenUrl = "https://oauth2.googleapis.com/token";

export default defineDestination<Config>({
  name: "google-sheets",
  describe: "Rows of a Google sheet.",
  docs: "https://developers.google.com/workspace/sheets/api/reference/rest",
  guide: {
    credentials:
      "A service account with the Sheets API enabled in its project: client_email and private_key of its JSON key. Share the spreadsheet with that address as an editor.",
    refused: "Google takes or refuses a request as a whole; a batch is halved until the row that spoils it is found.",
    erasure:
      "Delete the row; Google keeps the spreadsheet's version history, which its owner can only delete with a copy.",
  },
  config: settings,
  credentials: z.strictObject({
    client_email: z.string().min(1).describe("The service account's address."),
    private_key: z.string().min(1).describe("Its private key, PEM; \\n for line ends is understood."),
  }),
  effects: ["http"],
  hosts: (config) => api.hosts(config, {}),
  auth: {
    type: "oauth2",
    token({ credentials, now }) {
      const issued = Math.floor(now / 1000);
      const claims = {
        iss: String(credentials["client_email"]),
        scope: "https://www.googleapis.com/auth/spreadsheets",
        aud: tokenUrl,
        iat: issued,
        exp: issued + 3600,
      };
      const pem = String(credentials["private_key"]).replaceAll("\\n", "\n");
      return { url: tokenUrl, form: jwtGrant(jwtAssertion(pem, claims)) };
    },
  },
  *check(ctx) {
    return api.finding(yield* api.get(ctx, spreadsheet(ctx, sheetIds)), "reads the spreadsheet");
  },
  objects: { record },
});
