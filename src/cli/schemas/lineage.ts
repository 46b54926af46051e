import { z } from "zod";
import { locationSchema } from "./common.ts";

const kind = z.enum(["source", "seed", "model", "segment", "audience", "sync"]);

/** `millrace lineage --json`: the part of the project's lineage that was asked for, nodes in the order they were met. */
export const lineageSchema = z.object({
  schema: z.literal("millrace/lineage/v1"),
  environment: z.string(),
  direction: z.enum(["upstream", "downstream"]),
  subject: z.array(z.string()).describe("ids; a whole relation stands before its columns"),
  nodes: z.array(
    z.object({
      id: z.string().describe("model:customers.email, sync:vip_to_crm:email; audience:vip as a whole"),
      kind,
      name: z.string().describe("of the relation: shop.orders of a source"),
      column: z.string().nullable().describe("null: who is in it"),
      how: z.enum(["copy", "expression", "aggregate", "template", "lookup", "identifier"]).nullable(),
      known: z.boolean().describe("false: nobody can say what it is made of"),
    }),
  ),
  edges: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      use: z.enum(["value", "filters"]),
      how: z.string().nullable().describe("of filters: the clause or rule that reads it"),
    }),
  ),
  unknown: z.array(z.object({ relation: z.string(), reason: z.string(), at: locationSchema.nullable() })),
});
