/** How one talks to Google Sheets: settings, errors, addresses of cells. */
import type { Context } from "millrace/destination";
import { jsonApi, networkSettings, stop } from "millrace/destination";
import { z } from "zod";

/** What a Google Sheets destination is configured with. */
export const settings = z.strictObject({
  spreadsheet: z.string().min(1).describe("The spreadsheet's id, as it stands in its address."),
  ...networkSettings,
});
export type Config = z.output<typeof settings>;
export type Where = Context<Config>;

/** The sync's `remote:`. */
export const remote = z.object({
  sheet: z.string().min(1).describe("Name of the sheet (the tab), which must be there."),
  key: z.string().min(1).default("key").describe("Heading of the column that holds the model's key."),
});

/** The sheet and its key column. */
export const remoteOf = ({ remoteConfig }: Pick<Where, "remoteConfig">): z.output<typeof remote> =>
  remote.parse(remoteConfig);

/** The Sheets API. */
export const api = jsonApi<Config>({
  base: () => "https://sheets.googleapis.com/v4/spreadsheets",
  fault: ({ body }) => (body?.error == null ? undefined : { code: body.error.status, message: body.error.message }),
  judge(response, fault) {
    const words = fault?.message ?? "";
    if (response.status === 403)
      return stop("permission", words, "share the spreadsheet with the service account's address, as an editor");
    const noSheet = words.startsWith("Unable to parse range");
    return noSheet ? stop("target_gone", "the spreadsheet has no such sheet") : undefined;
  },
});

/** Path of the spreadsheet, and what is behind it. */
export const spreadsheet = ({ config }: Pick<Where, "config">, rest: string): string =>
  encodeURIComponent(config.spreadsheet) + rest;

/** Asks for the names and ids of the sheets alone. */
export const sheetIds = "?fields=sheets.properties(sheetId,title)";

/** `'It''s'!A1:B2`. */
export const range = (ctx: Where, cells: string): string => `'${remoteOf(ctx).sheet.replaceAll("'", "''")}'!${cells}`;

/** Path of the values of cells: `<id>/values/'It''s'!A1:B2`. */
export const values = (ctx: Where, cells: string): string =>
  spreadsheet(ctx, `/values/${encodeURIComponent(range(ctx, cells))}`);

/** Letters of a column: 1 is A, 27 is AA. */
export function column(number: number): string {
  const rest = (number - 1) % 26;
  return (number > 26 ? column((number - 1 - rest) / 26) : "") + String.fromCharCode(65 + rest);
}
