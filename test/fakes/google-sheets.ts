import { fakeOauth } from "./oauth.ts";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface SheetsState {
  /** Lines of the sheet, the headings first. */
  readonly grid: (string | number | boolean)[][];
  /** Texts whose requests are refused. */
  readonly refuse: Set<string>;
  /** Access tokens given so far. */
  tokens: number;
}

const failed = (code: number, status: string, message: string): FakeAnswer => ({
  status: code,
  body: { error: { code, status, message } },
});

/** One spreadsheet `S1` with one sheet, behind tokens for a signed assertion. */
export function startFakeSheets(sheet: string): Promise<Fake<SheetsState>> {
  const state: SheetsState = { grid: [], refuse: new Set(), tokens: 0 };
  const oauth = fakeOauth();
  return startFake(state, (request) => {
    const { pathname, searchParams } = new URL(request.path, "http://fake");
    if (pathname === "/token") {
      const bad = new URLSearchParams(request.text).get("assertion")?.split(".").length !== 3;
      state.tokens += 1;
      return bad ? { status: 400, body: { error: "invalid_grant" } } : oauth.token(request);
    }
    if (!oauth.knows(request)) return failed(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
    const path = decodeURIComponent(pathname.replace("/v4/spreadsheets/S1", ""));
    if (path === "") return { status: 200, body: { sheets: [{ properties: { sheetId: 77, title: sheet } }] } };
    if ([...state.refuse].some((text) => request.text.includes(text)))
      return failed(400, "INVALID_ARGUMENT", "Invalid value");
    return call(state.grid, sheet, path, searchParams, request);
  });
}

function call(
  grid: SheetsState["grid"],
  sheet: string,
  path: string,
  query: URLSearchParams,
  { body }: FakeRequest,
): FakeAnswer {
  if (path === ":batchUpdate") {
    for (const { deleteDimension } of body.requests) grid.splice(deleteDimension.range.startIndex, 1);
    return { status: 200, body: { replies: body.requests.map(() => ({})) } };
  }
  if (path === "/values:batchUpdate") {
    for (const { range, values } of body.data) {
      const row = Number(/!A(\d+):/.exec(range)?.[1]) - 1;
      while (grid.length <= row) grid.push([]);
      // A null leaves its cell as it is.
      for (const [index, value] of values[0].entries()) if (value !== null) (grid[row] ?? [])[index] = value;
    }
    return { status: 200, body: { totalUpdatedRows: body.data.length } };
  }
  const [, named, cells = ""] = /^\/values\/'(.*)'!(.*)$/.exec(path) ?? [];
  if (named !== sheet.replaceAll("'", "''")) return failed(400, "INVALID_ARGUMENT", `Unable to parse range: ${named}`);
  if (cells.endsWith(":append")) {
    grid.push(...body.values.map((line: unknown[]) => line.map((value) => value ?? "")));
    return { status: 200, body: { updates: { updatedRows: body.values.length } } };
  }
  const line = grid[0] ?? [];
  if (cells === "1:1") return { status: 200, body: { range: path, ...(line.length > 0 && { values: [line] }) } };
  const at = cells.charCodeAt(0) - 65;
  const column = grid.slice(1).map((row) => row[at] ?? "");
  const found = query.get("majorDimension") === "COLUMNS" && column.length > 0 ? { values: [column] } : {};
  return { status: 200, body: { range: path, ...found } };
}
