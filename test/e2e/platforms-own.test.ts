/** Users' own destinations, well-behaved and broken; mappings with lookups, templates and constants; files. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { Fake } from "../fakes/server.ts";
import { startFake } from "../fakes/server.ts";
import { startLab, type Lab } from "./platforms/lab.ts";
import { ada, bo, cy, first, rowOf, second, type Person } from "./platforms/people.ts";

let lab: Lab | undefined;
let fake: Fake<Board> | undefined;
afterEach(async () => {
  await lab?.close();
  await fake?.close();
});

/** Cards by key, and companies that can be looked up. */
interface Board {
  readonly cards: Map<string, unknown>;
}
const startBoard = () =>
  startFake<Board>({ cards: new Map() }, ({ method, path, body, headers }) => {
    if (headers["authorization"] !== "Bearer token-of-the-lab") return { status: 401 };
    if (path.startsWith("/companies")) {
      const companies: Record<string, string> = { "example.com": "C1", "example.org": "C2" };
      const asked = new URL(path, "http://fake").searchParams.getAll("domain");
      return {
        status: 200,
        body: Object.fromEntries(asked.filter((name) => name in companies).map((name) => [name, companies[name]])),
      };
    }
    for (const { key, fields } of body.cards) {
      if (method === "DELETE") fake?.state.cards.delete(String(key));
      else fake?.state.cards.set(String(key), fields);
    }
    return { status: 200, body: {} };
  });

const board = (
  deliver: string,
): string => `import { accepted, all, anyValue, byStatus, defineDestination, defineObject, exact, get, networkSettings, post, request, stop } from "millrace/destination";
import { z } from "zod";

const card = {
  describe: "A card",
  kind: "record",
  ops: ["add", "update", "remove"],
  delivery: "set",
  identify: "key",
  identifiers: {},
  openIdentifiers: exact(),
  fields: {},
  openFields: anyValue(),
  limits: { rows: 3 },
  ${deliver}
  *lookup(by, values, { config }) {
    const asked = values.map((value) => by + "=" + encodeURIComponent(value)).join("&");
    const { body } = yield* get(config.base_url + "/companies?" + asked);
    return new Map(Object.entries(body));
  },
};
export default defineDestination({
  name: "board",
  describe: "A board of cards",
  docs: "https://example.com",
  config: z.strictObject({ ...networkSettings }),
  credentials: z.strictObject({ token: z.string() }),
  auth: { type: "bearer", secret: "token" },
  effects: ["http"],
  hosts: () => [],
  objects: { card: defineObject(card) },
});
void [accepted, all, byStatus, post, request, stop];
`;

const works = `*deliver(batch, { config }) {
    const cards = batch.changes.map(({ key, fields }) => ({ key, fields }));
    const response = yield* request({ method: batch.op === "remove" ? "DELETE" : "POST", url: config.base_url + "/cards", body: { cards } });
    return all(batch, byStatus(response));
  },`;

/** Types, as a user would write them: the bundler drops them. */
const typed = `import type { Batch } from "millrace/destination";\nconst sizeOf = (batch: Batch): number => batch.changes.length;\nvoid sizeOf;\n`;

const models = (sync: string): string => `seeds:
  - name: people
    column_types: { id: bigint, email: varchar, phone: varchar, name: varchar, points: bigint }
models:
  - { name: customers, primary_key: id }
syncs:
  - name: there
    model: customers
    destination: there
    ${sync}
`;
const query = `select *, nullif(split_part(lower(trim(email)), '@', 2), '') as domain from {{ ref('people') }}\n`;
const cards = `object: card
    mode: mirror
    on_leave: delete
    rejected_rows: { warn: 100%, fail: 100% }`;

async function start(sync: string, files: Record<string, string>): Promise<Lab> {
  return startLab({ "models/customers.sql": query, "models/models.yml": models(sync), ...files });
}
async function startOwn(ending: "ts" | "mjs", code: string, mappings: string): Promise<Lab> {
  fake = await startBoard();
  lab = await start(`${cards}\n    ${mappings}`, {
    [`destinations/board.${ending}`]: code,
    "destinations/there.yml": `destination: there
type: board
credentials: { token: "\${env:LAB_TOKEN}" }
config: { base_url: "${fake.url}", allow_private_network: true }
late: 0s
`,
  });
  return lab;
}
const seed = (people: readonly Person[]) =>
  lab!.seed("people", people.map(rowOf), ["id", "email", "phone", "name", "points"]);
const heldCards = () => Object.fromEntries([...fake!.state.cards].toSorted(([a], [b]) => (a < b ? -1 : 1)));
const names = (people: readonly Person[]) =>
  Object.fromEntries(people.map(({ id, name }) => [id, name === null ? {} : { name }]));

it.each([
  ["ts", typed + board(works)],
  ["mjs", board(works)],
] as const)("loads a destination in .%s and keeps its cards", async (ending, code) => {
  await startOwn(ending, code, "mappings: [{ to: name, from: name }]");
  for (const people of [first, second, []]) {
    await seed(people);
    expect((await lab!.run("there")).status).toBe("ok");
    expect(heldCards()).toEqual(names(people));
    expect((await lab!.run("there")).status).toBe("unchanged");
  }
});

it.each([
  ["never ends", `*deliver() { for (;;) yield { wait: 0 }; },`, { unsent: 2 }],
  ["throws before it sends", `*deliver() { throw new Error("oops " + "ada@example.com"); },`, { unknown: 2 }],
  [
    "throws after it sent",
    `*deliver(batch, { config }) { yield* post(config.base_url + "/cards", { cards: [] }); return batch.nothing.map(String); },`,
    { unknown: 2 },
  ],
  ["gives too few outcomes", `*deliver() { return [accepted()]; },`, { unknown: 2 }],
  ["gives no outcomes", `*deliver() {},`, { unknown: 2 }],
  ["gives outcomes of another kind", `*deliver(batch) { return all(batch, { status: "fine" }); },`, { unknown: 2 }],
  ["yields nonsense", `*deliver() { yield 7; return []; },`, { unsent: 2 }],
  ["calls another host", `*deliver() { return yield* get("http://192.0.2.1/"); },`, { unsent: 2 }],
])("takes nothing as accepted from code that %s", async (_, deliver, expected) => {
  await startOwn("mjs", board(deliver), "mappings: [{ to: name, from: name }]");
  await seed([ada, bo]);
  const { document } = await lab!.sync();
  const outcomes = Object.entries(document.syncs[0]!.outcomes).filter(([, count]) => count > 0);
  expect(Object.fromEntries(outcomes)).toEqual(expected);
  expect(JSON.stringify([document, lab!.events])).not.toContain("ada@example.com");
});

it("stops for the reason that a destination of one's own names", async () => {
  await startOwn(
    "mjs",
    board(`*deliver() { stop("permission", "cards are read-only"); },`),
    "mappings: [{ to: name, from: name }]",
  );
  await seed([ada, bo]);
  const { status, error, outcomes } = await lab!.run("there");
  expect({ status, code: error?.code, unsent: outcomes.unsent }).toEqual({ status: "failed", code: "E813", unsent: 2 });
});

const mapped = (onMissing: string, nulls: string): string => `nulls: ${nulls}
    mappings:
      - { to: name, from: name }
      - { to: stage, value: customer }
      - { to: greeting, template: "Bonjour {{ name | default: 'you' }}, {{ points }} points" }
      - { to: company, lookup: { object: card, by: { domain: domain } }, on_missing: ${onMissing} }`;
const abroad: Person = { ...cy, id: 9, email: ["cy@example.net", "cy@example.net"] };

it.each(["omit", "clear"])("maps constants, templates and lookups, NULLs: %s", async (nulls) => {
  await startOwn("mjs", board(works), mapped("omit", nulls));
  await seed([ada, { ...bo, name: null }, abroad]);
  expect((await lab!.run("there")).status).toBe("ok");
  const stage = "customer";
  expect(heldCards()).toEqual({
    1: { name: "Ada", stage, greeting: "Bonjour Ada, 10 points", company: "C1" },
    2: { ...(nulls === "clear" ? { name: null } : {}), stage, greeting: "Bonjour you, 20 points", company: "C1" },
    9: { name: "Cy", stage, greeting: "Bonjour Cy, 30 points" },
  });
  expect((await lab!.run("there")).status).toBe("unchanged");
});

it("refuses a row whose lookup finds nothing, and sends the others", async () => {
  await startOwn("mjs", board(works), mapped("reject", "omit"));
  await seed([ada, abroad]);
  const { document } = await lab!.sync();
  expect(document.syncs[0]).toMatchObject({ status: "partial", outcomes: { accepted: 1, rejected: 1 } });
  expect((await lab!.rejected(document.run_id)).map(({ code }) => code)).toEqual(["lookup_missed"]);
  expect(Object.keys(heldCards())).toEqual(["1"]);
});

const fileSync = `object: member
    mode: mirror
    identifiers: { email: email }
    mappings: [{ to: name, from: name }, { to: points, from: points }]`;
async function startFiles(format: string, layout: string): Promise<void> {
  lab = await start(fileSync, {
    "destinations/there.yml": `destination: there\ntype: file\nconfig: { path: out, format: ${format}, layout: ${layout} }\n`,
  });
}
/** Files of the newest run of the sync, by name without its batch. */
async function newestFiles(): Promise<Record<string, string>> {
  const folder = join(lab!.root, "out", "there");
  const run = (await readdir(folder)).toSorted().at(-1)!;
  const files = await readdir(join(folder, run));
  const read = files.map(
    async (file) => [file.replace(/-[^.]*/, ""), await readFile(join(folder, run, file), "latin1")] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}
const keysOf = (file: string | undefined): readonly number[] =>
  (file ?? "")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { key: number }).key)
    .toSorted();

it("writes changes as lines", async () => {
  await startFiles("jsonl", "changes");
  await seed(first);
  await lab!.run("there");
  const { "adds.jsonl": adds, "manifest.json": manifest } = await newestFiles();
  expect(keysOf(adds)).toEqual([1, 2, 3, 4, 5]);
  expect(JSON.parse(manifest!)).toMatchObject({ rows: { add: 5, update: 0, remove: 0 }, interrupted: false });
  await seed(second);
  await lab!.run("there");
  const files = await newestFiles();
  expect(
    Object.fromEntries(
      Object.entries(files)
        .filter(([name]) => name !== "manifest.json")
        .map(([name, text]) => [name, keysOf(text)]),
    ),
  ).toEqual({
    "adds.jsonl": [6, 7],
    "updates.jsonl": [1, 2, 3],
    "removes.jsonl": [5],
  });
  const before = await readdir(join(lab!.root, "out", "there"));
  expect((await lab!.run("there")).status).toBe("unchanged");
  expect(await readdir(join(lab!.root, "out", "there"))).toEqual(before);
});

it("writes CSV and Parquet", async () => {
  await startFiles("csv", "changes");
  await seed([ada, { ...bo, name: null }]);
  await lab!.run("there");
  expect((await newestFiles())["adds.csv"]?.trim().split(/\r?\n/)).toEqual([
    "key,identifiers.email,fields.name,fields.points",
    "1,  Ada@Example.COM ,Ada,10",
    "2,bo@example.com,,20",
  ]);
  await lab!.close();
  await startFiles("parquet", "changes");
  await seed([ada, bo]);
  await lab!.run("there");
  expect((await newestFiles())["adds.parquet"]?.slice(0, 4)).toBe("PAR1");
});
