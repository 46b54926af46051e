/** JSON Schemas (draft-07) of the project's files, made from the zod schemas: an editor's hovers and completions (decision 61). */
import { z } from "zod";
import { lists } from "./collect.ts";
import { alternativesOf, isLater } from "./schema/common.ts";
import { destinationSchema } from "./schema/destination.ts";
import { millraceSchema } from "./schema/millrace.ts";
import { selectorsSchema } from "./schema/selectors.ts";

type JsonObject = Record<string, unknown>;

const modelsFile = z.strictObject(
  Object.fromEntries(
    Object.entries(lists).map(([key, { schema, what }]) => [
      key,
      z
        .array(schema as z.ZodType)
        .optional()
        .describe(`Every ${what} of this file.`),
    ]),
  ),
);

const kinds = {
  millrace: { schema: millraceSchema, files: ["millrace.yml"] },
  models: { schema: modelsFile, files: ["models/**/*.yml", "tests/*.yml"] },
  destination: { schema: destinationSchema, files: ["destinations/*.yml"] },
  selectors: { schema: selectorsSchema, files: ["selectors.yml"] },
} as const;

/** File name below `.millrace/schema/` -> its schema. */
export function jsonSchemas(): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(Object.entries(kinds).map(([kind, { schema }]) => [`${kind}.json`, toSchema(schema)]));
}

/** For editors' settings (`yaml.schemas`): schema file -> globs. */
export const schemaGlobs: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(kinds).map(([kind, { files }]) => [`.millrace/schema/${kind}.json`, files]),
);

/** The first line of a YAML file that names its schema; `depth` is how many folders below the project it lies. */
export function modeline(kind: keyof typeof kinds, depth: number): string {
  return `# yaml-language-server: $schema=${"../".repeat(depth)}.millrace/schema/${kind}.json`;
}

function toSchema(schema: z.ZodType): JsonObject {
  const definitions: Record<string, JsonObject> = {};
  return { ...convert(schema, definitions), ...(Object.keys(definitions).length > 0 && { definitions }) };
}

/** A choice becomes `anyOf` its branches, or a reference where it is recursive; keys of later versions are left out. */
function convert(schema: z.ZodType, definitions: Record<string, JsonObject>): JsonObject {
  return z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodObject) dropLater(zodSchema, jsonSchema as JsonObject);
      const alternatives = alternativesOf(zodSchema);
      if (!alternatives) return;
      const inner = (): JsonObject => ({
        anyOf: alternatives.schemas.map((branch) => withoutHead(convert(branch, definitions))),
      });
      if (alternatives.id === undefined) Object.assign(jsonSchema, inner());
      else {
        if (definitions[alternatives.id] === undefined) {
          definitions[alternatives.id] = {};
          definitions[alternatives.id] = inner();
        }
        // draft-07 ignores what stands beside $ref
        Object.assign(jsonSchema, { allOf: [{ $ref: `#/definitions/${alternatives.id}` }] });
      }
    },
  }) as JsonObject;
}

function dropLater(schema: z.ZodObject, json: JsonObject): void {
  const properties = json["properties"] as JsonObject | undefined;
  for (const [key, value] of Object.entries(schema.shape)) if (isLater(value)) delete properties?.[key];
}

const withoutHead = ({ $schema: _head, ...rest }: JsonObject): JsonObject => rest;
