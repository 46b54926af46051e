/**
 * Rows of a Google sheet: the first row names the columns, one column holds the model's key. There is no upsert, so each batch
 * reads the key column first: what is there is written over, what is not is appended, what left is deleted from the bottom up.
 * A request whose answer was lost is never repeated blindly: the next run reads the keys again.
 */
import type { Batch, Change, Context, Exchange, HttpResponse, Json, Outcome } from "millrace/destination";
import { accepted, all, anyValue, defineDestination, defineObject, jsonApi } from "millrace/destination";
import { jwtAssertion, jwtGrant, networkSettings, skipped, stop } from "millrace/destination";
import { z } from "zod";

const settings = z.strictObject({
  spreadsheet: z.string().min(1).describe("The spreadsheet's id, as it stands in its address."),
  ...networkSettings,
});
type Config = z.output<typeof settings>;

const remote = z.object({
  sheet: z.string().min(1).describe("Name of the sheet (the tab), which must be there."),
  key: z.string().min(1).default("key").describe("Heading of the column that holds the model's key."),
});
type Where = Context<Config>;
const remoteOf = ({ remoteConfig }: Pick<Where, "remoteConfig">): z.output<typeof remote> => remote.parse(remoteConfig);

const api = jsonApi<Config>({
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

/** `<id>/values/'It''s'!A1:B2` and the like. */
const at = ({ config }: Pick<Where, "config">, rest: string): string => encodeURIComponent(config.spreadsheet) + rest;
const range = (ctx: Where, cells: string): string => `'${remoteOf(ctx).sheet.replaceAll("'", "''")}'!${cells}`;
const values = (ctx: Where, cells: string): string => at(ctx, `/values/${encodeURIComponent(range(ctx, cells))}`);
const sheetIds = "?fields=sheets.properties(sheetId,title)";

/** 1 is A, 27 is AA. */
function column(number: number): string {
  const rest = (number - 1) % 26;
  return (number > 26 ? column((number - 1 - rest) / 26) : "") + String.fromCharCode(65 + rest);
}

const keyText = ({ key }: Pick<Change, "key">): string => (typeof key === "object" ? JSON.stringify(key) : String(key));
/** NULL empties a cell; what a sheet has no form for is JSON. */
const cell = (value: Json): string | number | boolean =>
  value === null ? "" : typeof value === "object" ? JSON.stringify(value) : value;

interface Sheet {
  readonly headings: readonly string[];
  /** Row numbers by key, from the top. */
  readonly rows: ReadonlyMap<string, readonly number[]>;
}

/** Lines of an answer of `values`, which leaves out what is empty. */
function linesOf({ body }: HttpResponse): readonly (readonly unknown[])[] {
  if (typeof body?.range !== "string") throw new Error("no range in the answer");
  return body.values ?? [];
}

/** The headings, missing ones added, and where each key stands; an outcome where they cannot be read. */
function* read(ctx: Where, wanted: readonly string[]): Exchange<Sheet | Outcome> {
  const { key } = remoteOf(ctx);
  const first = yield* api.get(ctx, values(ctx, "1:1"));
  if (first.status !== 200) return api.broken(first);
  const found = (linesOf(first)[0] ?? []).map(String);
  const headings = [...new Set([...found, key, ...wanted])];
  if (headings.length > found.length) {
    const written = yield* update(ctx, [[1, headings]]);
    if (written.status !== "accepted") return written;
  }
  const letter = column(headings.indexOf(key) + 1);
  const how = "majorDimension=COLUMNS&valueRenderOption=UNFORMATTED_VALUE";
  const keys = yield* api.get(ctx, `${values(ctx, `${letter}2:${letter}`)}?${how}`);
  if (keys.status !== 200) return api.broken(keys);
  const rows = new Map<string, number[]>();
  for (const [index, value] of (linesOf(keys)[0] ?? []).entries())
    rows.set(String(value), [...(rows.get(String(value)) ?? []), index + 2]);
  return { headings, rows };
}

/** Cells of a row; what is absent leaves its cell as it is. RAW: no text is taken for a formula. */
type Cells = readonly (Json | undefined)[];

function* update(ctx: Where, rows: readonly (readonly [row: number, cells: Cells])[]): Exchange<Outcome> {
  const data = rows.map(([row, cells]) => ({
    range: range(ctx, `A${row}:${column(cells.length)}${row}`),
    values: [cells.map((value) => value ?? null)],
  }));
  const response = yield* api.post(ctx, at(ctx, "/values:batchUpdate"), { valueInputOption: "RAW", data });
  return typeof response.body?.totalUpdatedRows === "number" ? api.outcome(response) : api.broken(response);
}

function* append(ctx: Where, rows: readonly Cells[]): Exchange<Outcome> {
  const path = `${values(ctx, "A1")}:append?valueInputOption=RAW&insertDataOption=INSERT_ROWS`;
  const body = { values: rows.map((cells) => cells.map((value) => value ?? null)) };
  const response = yield* api.post(ctx, path, body, { once: true });
  return response.body?.updates?.updatedRows === rows.length ? api.outcome(response) : api.broken(response);
}

/** From the bottom up, since every row below a deleted one moves. */
function* deleteRows(ctx: Where, numbers: readonly number[]): Exchange<Outcome> {
  const about = yield* api.get(ctx, at(ctx, sheetIds));
  const sheets: readonly any[] = Array.isArray(about.body?.sheets) ? about.body.sheets : [];
  const sheetId: unknown = sheets.find((one) => one?.properties?.title === remoteOf(ctx).sheet)?.properties?.sheetId;
  if (typeof sheetId !== "number") return api.broken(about);
  const places = numbers.toSorted((a, b) => b - a).map((row) => ({ startIndex: row - 1, endIndex: row }));
  const requests = places.map((rows) => ({ deleteDimension: { range: { sheetId, dimension: "ROWS", ...rows } } }));
  const response = yield* api.post(ctx, at(ctx, ":batchUpdate"), { requests }, { once: true });
  return Array.isArray(response.body?.replies) ? api.outcome(response) : api.broken(response);
}

function* deliver(batch: Batch, ctx: Where): Exchange<readonly Outcome[]> {
  const last = new Map(batch.changes.map((change) => [keyText(change), change]));
  const wanted = [...new Set(batch.changes.flatMap(({ fields }) => Object.keys(fields)))];
  const sheet = yield* read(ctx, wanted);
  if ("status" in sheet) return all(batch, sheet);
  const rowsOf = (key: string): readonly number[] => sheet.rows.get(key) ?? [];
  if (batch.op === "remove") {
    const numbers = [...last.keys()].flatMap(rowsOf);
    return all(batch, numbers.length === 0 ? accepted() : yield* deleteRows(ctx, numbers));
  }
  const cellsOf = ({ fields, ...change }: Change): Cells =>
    sheet.headings.map((name) =>
      name === remoteOf(ctx).key ? keyText(change) : fields[name] === undefined ? undefined : cell(fields[name]),
    );
  const there = [...last].filter(([key]) => rowsOf(key).length > 0);
  const absent = ctx.mode === "update" ? [] : [...last].filter(([key]) => rowsOf(key).length === 0);
  const over = there.map(([key, change]) => [rowsOf(key)[0] ?? 0, cellsOf(change)] as const);
  const updated = over.length === 0 ? accepted() : yield* update(ctx, over);
  // A row that was appended twice after all keeps its upper one.
  const twice = there.flatMap(([key]) => rowsOf(key).slice(1));
  const added =
    absent.length === 0
      ? accepted()
      : yield* append(
          ctx,
          absent.map(([, change]) => cellsOf(change)),
        );
  if (twice.length > 0) yield* deleteRows(ctx, twice);
  return batch.changes.map((change) => {
    if (rowsOf(keyText(change)).length > 0) return updated;
    return ctx.mode === "update" ? skipped("not_found") : added;
  });
}

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
    return api.finding(yield* api.get(ctx, at(ctx, sheetIds)), "reads the spreadsheet");
  },
  objects: {
    record: defineObject<Config, string>({
      describe: "A row of a sheet",
      kind: "record",
      ops: ["add", "update", "remove"],
      delivery: "set",
      refusal: "atomic",
      identify: "key",
      identifiers: {},
      fields: {},
      openFields: anyValue({ describe: "The column of that heading; added where it is missing" }),
      remote,
      // Row numbers hold only while nobody else of us writes; 60 requests a minute and user (facts D6), three or four a batch.
      limits: { rows: 500, bytes: 2_000_000, concurrency: 1, rate: { requests: 60, perSeconds: 60 } },
      deliver,
    }),
  },
});
