import { MillraceError } from "../errors.ts";
import type { Project } from "../project/project.ts";
import { nearest } from "../project/suggest.ts";

/** What matched nothing may be misspelt: `tag:piad` for `tag:paid`. */
export function nearMiss(
  error: unknown,
  project: Project,
  nodes: readonly { readonly name: string }[],
  expressions: readonly string[],
): unknown {
  const [first] = error instanceof MillraceError ? error.diagnostics : [];
  if (!(error instanceof MillraceError) || first?.code !== "E020") return error;
  const tags = [
    ...project.models.values(),
    ...project.segments.values(),
    ...project.audiences.values(),
    ...project.syncs.values(),
  ];
  const names = [...nodes.map(({ name }) => name), ...tags.flatMap(({ spec }) => spec.tags.map((tag) => `tag:${tag}`))];
  const typed = expressions
    .flatMap((text) => text.split(/[\s,]+/))
    .map((text) => text.replaceAll(/^\d*\+|\+\d*$/g, ""));
  const near = typed.filter((text) => text !== "" && !names.includes(text)).flatMap((text) => nearest(text, names, 1));
  if (near.length === 0) return error;
  const hint = `did you mean ${near.map((name) => JSON.stringify(name)).join(" ")}?   ${first.hint ?? ""}`.trimEnd();
  return new MillraceError(error.exit, [{ ...first, hint }, ...error.diagnostics.slice(1)]);
}
