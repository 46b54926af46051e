import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { HttpRequest } from "../../../src/destination/index.ts";

// oxlint-disable-next-line no-explicit-any -- an OpenAPI document, read defensively
type Schema = any;

export interface Absent {
  readonly method: string;
  /** As a pattern: `/api/profiles`. */
  readonly path: string;
  readonly source: string;
}

interface Operation {
  readonly document: Schema;
  readonly pattern: RegExp;
  readonly method: string;
  readonly operation: Schema;
}

const folder = join(process.env["MILLRACE_SHARED"] ?? "../shared", "specs");
const escape = (text: string): string => text.replace(/[.*+?^$()|[\]\\]/g, "\\$&");

/** A validator of requests against the named documents; undefined where the shared folder is absent. */
export function openApi(
  names: readonly string[],
  absent: readonly Absent[] = [],
): ((request: HttpRequest) => readonly string[]) | undefined {
  if (names.length === 0 || !existsSync(folder)) return undefined;
  const operations = names.flatMap((name) =>
    operationsOf(JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"))),
  );
  return (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const method = request.method.toLowerCase();
    const found = operations.filter((each) => each.method === method && each.pattern.test(pathname));
    const excused = absent.some((each) => each.method === request.method && each.path === pathname);
    // `/crm/v8/Contacts/search` also looks like `/crm/v8/{module}/{id}`: the list knows better.
    if (excused) return [];
    if (found.length === 0) return [`${request.method} ${pathname} is in no document, nor under not_in_spec`];
    const problems = found.map((each) => check(each, request, searchParams));
    return problems.find(({ length }) => length === 0) ?? problems[0] ?? [];
  };
}

/** Paths stand below that of the document's first server: `https://api.example.com/v5` and `/lists` make `/v5/lists`. */
function operationsOf(document: Schema): Operation[] {
  const base = /^https?:\/\/[^/]+(.*?)\/?$/.exec(document.servers?.[0]?.url ?? "")?.[1] ?? "";
  return Object.entries<Schema>(document.paths).flatMap(([path, methods]) => {
    const pattern = new RegExp(`^${escape(base)}${escape(path).replace(/\{[^}]+\}/g, "[^/]+")}$`);
    const { parameters: ofAll = [], ...operations }: Schema = methods;
    return Object.entries<Schema>(operations).map(([method, own]) => {
      const operation = { ...own, parameters: [...ofAll, ...(own.parameters ?? [])] };
      return { document, pattern, method, operation };
    });
  });
}

function check({ document, operation }: Operation, request: HttpRequest, query: URLSearchParams): readonly string[] {
  const problems: string[] = [];
  const parameters: readonly Schema[] = (operation.parameters ?? []).map((each: Schema) => resolve(document, each));
  for (const name of query.keys()) {
    if (!parameters.some((each) => each.in === "query" && each.name === name))
      problems.push(`unknown query parameter ${name}`);
  }
  for (const { in: place, name, required } of parameters) {
    if (required === true && place === "header" && request.headers?.[name.toLowerCase()] === undefined)
      problems.push(`missing header ${name}`);
    if (required === true && place === "query" && !query.has(name)) problems.push(`missing query parameter ${name}`);
  }
  const content = resolve(document, operation.requestBody ?? {}).content;
  if (content === undefined || request.body === undefined) {
    return content === undefined && request.body !== undefined ? [...problems, "a body where none is taken"] : problems;
  }
  const type = request.headers?.["content-type"] ?? "application/json";
  if (content[type] === undefined) return [...problems, `content-type ${type} is not taken`];
  const body: unknown = JSON.parse(JSON.stringify(request.body));
  return [...problems, ...against(document, content[type].schema, body, "body")];
}

function resolve(document: Schema, schema: Schema): Schema {
  const path: string | undefined = schema?.$ref;
  if (path === undefined) return schema;
  return resolve(
    document,
    path
      .slice(2)
      .split("/")
      .reduce((part, name) => part?.[name.replaceAll("~1", "/")], document),
  );
}

/** A schema with its `allOf` laid into it: the parts describe one object together. */
function whole(document: Schema, given: Schema): Schema {
  const { allOf = [], ...own }: Schema = resolve(document, given);
  const parts: readonly Schema[] = [own, ...allOf.map((part: Schema) => whole(document, part))];
  const described = parts.some(({ properties }) => properties !== undefined);
  return {
    ...Object.assign({}, ...parts),
    ...(described ? { properties: Object.assign({}, ...parts.map(({ properties }) => properties)) } : {}),
    required: parts.flatMap(({ required = [] }) => required),
  };
}

const typeOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** Where a value departs from a schema; unknown properties of closed objects count, formats do not. */
function against(document: Schema, given: Schema, value: unknown, at: string): string[] {
  const schema = whole(document, given);
  if (value === null && schema.nullable === true) return [];
  for (const choice of ["oneOf", "anyOf"]) {
    if (schema[choice] === undefined) continue;
    const fits = schema[choice].some((one: Schema) => against(document, one, value, at).length === 0);
    return fits ? [] : [`${at}: fits none of ${choice}`];
  }
  const parts: string[] = [];
  const type = typeOf(value);
  const wanted = schema.type === "integer" ? "number" : schema.type;
  if (wanted !== undefined && wanted !== type) return [...parts, `${at}: ${type}, not ${schema.type}`];
  if (schema.type === "integer" && !Number.isInteger(value)) parts.push(`${at}: not an integer`);
  if (schema.enum !== undefined && !schema.enum.includes(value))
    parts.push(`${at}: not one of ${schema.enum.join(", ")}`);
  if (type === "array")
    return [
      ...parts,
      ...(value as unknown[]).flatMap((item, i) => against(document, schema.items ?? {}, item, `${at}[${i}]`)),
    ];
  return type === "object"
    ? [...parts, ...objectAgainst(document, schema, value as Record<string, unknown>, at)]
    : parts;
}

function objectAgainst(document: Schema, schema: Schema, value: Record<string, unknown>, at: string): string[] {
  const missing = (schema.required ?? [])
    .filter((name: string) => !(name in value))
    .map((name: string) => `${at}.${name}: missing`);
  const inside = Object.entries(value).flatMap(([name, item]) => {
    const known = schema.properties?.[name];
    if (known !== undefined) return against(document, known, item, `${at}.${name}`);
    if (typeof schema.additionalProperties === "object")
      return against(document, schema.additionalProperties, item, `${at}.${name}`);
    // A described object that does not say it is open: what it does not name is a typing error of ours.
    return schema.properties !== undefined && schema.additionalProperties !== true
      ? [`${at}.${name}: not in the document`]
      : [];
  });
  return [...missing, ...inside];
}
