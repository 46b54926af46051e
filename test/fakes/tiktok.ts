import { createHash } from "node:crypto";
import { type Fake, type FakeAnswer, type FakeRequest, startFake } from "./server.ts";

export interface TiktokAudience {
  readonly audience_id: string;
  readonly name: string;
  readonly type: "segment" | "file";
  /** `EMAIL_SHA256:<hash>` and the like. */
  readonly members: Set<string>;
}

export interface TiktokState {
  readonly audiences: TiktokAudience[];
  /** Uploaded files by their path. */
  readonly files: Map<string, readonly string[]>;
  /** Hashes that spoil the whole request they are in. */
  readonly refuse: Set<string>;
  /** Members that a file audience may not fall below. */
  fewest: number;
  /** Audiences on a page of the list, at most. */
  page: number;
}

/** TikTok's answers are HTTP 200 whatever they say. */
export const tiktokFault = (code: number, message: string): FakeAnswer => ({
  status: 200,
  body: { code, message, request_id: "fake", data: {} },
});
const ok = (data: unknown): FakeAnswer => ({ status: 200, body: { code: 0, message: "OK", request_id: "fake", data } });
const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** Segments and customer files of TikTok. */
export function startFakeTiktok(how: { readonly token: string }): Promise<Fake<TiktokState>> {
  const state: TiktokState = { audiences: [], files: new Map(), refuse: new Set(), fewest: 1000, page: 100 };
  return startFake(state, (request, url) => {
    if (request.headers["access-token"] !== how.token) return tiktokFault(40105, "Access token is incorrect.");
    const path = new URL(request.path, url);
    const { body } = request;
    switch (path.pathname.replace("/open_api/v1.3/", "")) {
      case "dmp/custom_audience/list/":
        return listed(state, path);
      case "segment/audience/":
        return made(state, "segment", body?.custom_audience_name, 70, new Set());
      case "segment/mapping/":
        return mapped(state, body);
      case "dmp/custom_audience/file/upload/":
        return uploaded(state, request);
      case "dmp/custom_audience/create/": {
        const members = new Set(contentOf(state, body));
        if (members.size < state.fewest) return tiktokFault(40002, "The audience has less than 1000 users.");
        return made(state, "file", body.custom_audience_name, 128, members);
      }
      case "dmp/custom_audience/update/":
        return updated(state, body);
      default:
        return { status: 404 };
    }
  });
}

function listed({ audiences, page: size }: TiktokState, { searchParams }: URL): FakeAnswer {
  if (searchParams.get("advertiser_id") !== "7178") return tiktokFault(40001, "No permission for this advertiser.");
  const page = Number(searchParams.get("page"));
  const list = audiences
    .slice((page - 1) * size, page * size)
    .map(({ audience_id, name, members }) => ({ audience_id, name, cover_num: members.size }));
  return ok({ list, page_info: { page, page_size: size, total_page: Math.ceil(audiences.length / size) } });
}

function made(
  { audiences }: TiktokState,
  type: TiktokAudience["type"],
  name: string,
  longest: number,
  members: Set<string>,
): FakeAnswer {
  const audience_id = String(71_780 + audiences.length);
  audiences.push({
    audience_id,
    name: name.length > longest ? `${name.slice(0, longest - 3)}...` : name,
    type,
    members,
  });
  return ok({ audience_id });
}

function mapped(state: TiktokState, body: any): FakeAnswer {
  const { advertiser_ids: advertisers, action, id_schema: schema, batch_data: rows } = body ?? {};
  if (advertisers?.[0] !== "7178" || !["add", "delete"].includes(action) || new Set(schema).size < schema.length)
    return tiktokFault(40002, "Invalid parameters.");
  const ids = (rows as readonly { id?: string; audience_ids?: string[] }[][]).flatMap((row) =>
    row.flatMap(({ id, audience_ids }, at) =>
      id === undefined ? [] : [{ id, to: audience_ids?.[0], schema: schema[at] }],
    ),
  );
  if (rows.length > 10_000 || rows.some((row: unknown[]) => row.length !== schema.length))
    return tiktokFault(40002, "batch_data does not fit.");
  if (ids.some(({ id }) => !isHash(id) || state.refuse.has(id))) return tiktokFault(40002, "An id is not valid.");
  for (const { id, to, schema: type } of ids) {
    const members = state.audiences.find(({ audience_id }) => audience_id === to)?.members;
    if (members === undefined) return tiktokFault(40002, "The audience does not exist.");
    if (action === "delete") members.delete(`${type}:${id}`);
    else members.add(`${type}:${id}`);
  }
  return ok({});
}

/** The parts of a form, read by the boundary of its header. */
function partsOf({ headers, text }: FakeRequest): ReadonlyMap<string, string> {
  const boundary = /boundary=(.+)$/.exec(headers["content-type"] ?? "")?.[1] ?? "none";
  const parts = text.split(`--${boundary}`).slice(1, -1);
  return new Map(
    parts.map((part) => {
      const [head = "", ...rest] = part.split("\r\n\r\n");
      return [/name="([^"]*)"/.exec(head)?.[1] ?? "", rest.join("\r\n\r\n").replace(/\r\n$/, "")];
    }),
  );
}

function uploaded(state: TiktokState, request: FakeRequest): FakeAnswer {
  const parts = partsOf(request);
  const content = parts.get("file") ?? "";
  const lines = content.split("\n").filter((line) => line !== "");
  if (createHash("md5").update(content).digest("hex") !== parts.get("file_signature"))
    return tiktokFault(40002, "The signature is not that of the file.");
  if (lines.some((line) => !isHash(line) || state.refuse.has(line))) return tiktokFault(40002, "A line is not valid.");
  const path = `files/${state.files.size}`;
  state.files.set(
    path,
    lines.map((line) => `${parts.get("calculate_type")}:${line}`),
  );
  return ok({ file_path: path });
}

const contentOf = ({ files }: TiktokState, body: any): readonly string[] =>
  ((body?.file_paths ?? []) as readonly string[]).flatMap((path) => files.get(path) ?? []);

function updated(state: TiktokState, body: any): FakeAnswer {
  const audience = state.audiences.find(({ audience_id }) => audience_id === body?.custom_audience_id);
  if (audience === undefined) return tiktokFault(40002, "The audience does not exist.");
  const rows = contentOf(state, body);
  const { members } = audience;
  // The default is REPLACE.
  const left = new Set(["APPEND", "REMOVE"].includes(body.action) ? members : []);
  for (const row of rows) {
    if (body.action === "REMOVE") left.delete(row);
    else left.add(row);
  }
  if (left.size < state.fewest) return tiktokFault(40002, "The audience has less than 1000 users.");
  members.clear();
  for (const row of left) members.add(row);
  return ok({});
}
