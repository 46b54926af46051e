import type { Json } from "../core.ts";
import type { Context } from "./index.ts";
import { pointer } from "./pointer.ts";
import { stop } from "./stop.ts";

export type Values = Readonly<Record<string, unknown>>;

/** A template of the configuration, filled; stops the sync where it cannot be read. Of the values nothing is told. */
export function rendered(ctx: Pick<Context, "render">, text: string, values: Values, as: "text" | "url"): string {
  if (!text.includes("{{") && !text.includes("{%")) return text;
  try {
    return ctx.render?.(text, values, as) ?? text;
  } catch (error) {
    const [words = ""] = (error instanceof Error ? error.message : "").split(/\n|, file:| from /);
    return stop("target", `a template of the destination's config fails: ${words.slice(0, 100)}`);
  }
}

/** A text that is one output and nothing else: `{{ fields.points }}`. */
const bare = /^\{\{-?\s*([A-Za-z_]\w*(?:\.\w+)*)\s*-?\}\}$/;

const valueAt = (path: string, values: Values): Json | undefined =>
  pointer(values, `/${path.replaceAll(".", "/")}`) as Json | undefined;

/**
 * JSON with its templates filled: a text that is one output alone gives the value with its type, and where there is none its
 * key is left out; other texts are rendered. NULL stays, since it is the sync's own word for clearing.
 */
export function filled(ctx: Pick<Context, "render">, template: Json, values: Values): Json | undefined {
  if (typeof template === "string") {
    const path = bare.exec(template)?.[1];
    return path === undefined ? rendered(ctx, template, values, "text") : valueAt(path, values);
  }
  if (typeof template !== "object" || template === null) return template;
  const inside = (part: Json): Json | undefined => filled(ctx, part, values);
  if (Array.isArray(template))
    return (template as readonly Json[]).map(inside).filter((part): part is Json => part !== undefined);
  const entries = Object.entries(template).map(([name, part]) => [name, inside(part)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
}
