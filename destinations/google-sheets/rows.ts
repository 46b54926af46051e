/** Rows of a sheet: read by their keys, written over, appended, deleted. */
import type { Exchange, HttpResponse, Json, Outcome } from "millrace/destination";
import { api, column, range, remoteOf, sheetIds, spreadsheet, values, type Where } from "./api.ts";

/** Cells of a row; what is absent leaves its cell as it is. */
export type Cells = readonly (Json | undefined)[];

/** What a sheet holds. */
export interface Sheet {
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
export function* read(ctx: Where, wanted: readonly string[]): Exchange<Sheet | Outcome> {
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

/** Writes over rows. RAW: no text is taken for a formula. */
export function* update(ctx: Where, rows: readonly (readonly [row: number, cells: Cells])[]): Exchange<Outcome> {
  const data = rows.map(([row, cells]) => ({
    range: range(ctx, `A${row}:${column(cells.length)}${row}`),
    values: [cells.map((value) => value ?? null)],
  }));
  const body = { valueInputOption: "RAW", data };
  const response = yield* api.post(ctx, spreadsheet(ctx, "/values:batchUpdate"), body);
  return typeof response.body?.totalUpdatedRows === "number" ? api.outcome(response) : api.broken(response);
}

/** Appends rows below the last one; never repeated while it may have been done. */
export function* append(ctx: Where, rows: readonly Cells[]): Exchange<Outcome> {
  const path = `${values(ctx, "A1")}:append?valueInputOption=RAW&insertDataOption=INSERT_ROWS`;
  const body = { values: rows.map((cells) => cells.map((value) => value ?? null)) };
  const response = yield* api.post(ctx, path, body, { once: true });
  return response.body?.updates?.updatedRows === rows.length ? api.outcome(response) : api.broken(response);
}

/** Deletes rows from the bottom up, since every row below a deleted one moves; never repeated either. */
export function* deleteRows(ctx: Where, numbers: readonly number[]): Exchange<Outcome> {
  const about = yield* api.get(ctx, spreadsheet(ctx, sheetIds));
  const sheets: readonly any[] = Array.isArray(about.body?.sheets) ? about.body.sheets : [];
  const sheetId: unknown = sheets.find((one) => one?.properties?.title === remoteOf(ctx).sheet)?.properties?.sheetId;
  if (typeof sheetId !== "number") return api.broken(about);
  const places = numbers.toSorted((a, b) => b - a).map((row) => ({ startIndex: row - 1, endIndex: row }));
  const requests = places.map((rows) => ({ deleteDimension: { range: { sheetId, dimension: "ROWS", ...rows } } }));
  const response = yield* api.post(ctx, spreadsheet(ctx, ":batchUpdate"), { requests }, { once: true });
  return Array.isArray(response.body?.replies) ? api.outcome(response) : api.broken(response);
}
