/** What a word of `millrace lineage` means: a relation, a column of one, or a field of a sync. */
import type { Lineage } from "../engine/lineage.ts";
import type { Subject } from "../engine/lineage-graph.ts";
import { columnOf } from "../models/lineage.ts";
import { resolveRef } from "../project/graph.ts";
import type { Project } from "../project/project.ts";
import { didYouMean } from "../project/suggest.ts";
import { usage } from "./usage.ts";

/** The subject of a word; E020 for a name nobody has, E204 for a column that a relation does not have. */
export async function subjectOf(project: Project, lineage: Lineage, word: string): Promise<Subject> {
  const [sync = "", ...field] = word.replace(/^sync:/, "").split(":");
  if (project.syncs.has(sync) && field.length > 0)
    return checked(lineage, { relation: `sync:${sync}`, column: field.join(":") });
  const [, kind, rest = ""] = /^(?:(source|seed|model|segment|audience|sync):)?(.*)$/.exec(word) ?? [];
  const found = candidates(project, rest).filter(
    ({ relation }) => kind === undefined || relation.startsWith(`${kind}:`),
  );
  const [subject, other] = found;
  if (subject === undefined) {
    const hint = didYouMean(rest.split(".")[0] ?? rest, names(project), "there are");
    throw usage(`nothing here is called ${JSON.stringify(word)}`, hint, "E020");
  }
  if (other !== undefined)
    throw usage(
      `${JSON.stringify(word)} means several things`,
      `write ${found.map(({ relation }) => relation).join(" or ")}`,
    );
  return checked(lineage, subject);
}

/** Names of syncs, and of sources, are apart from those of models, seeds, segments and audiences. */
function candidates(project: Project, text: string): readonly Subject[] {
  const found: Subject[] = [];
  const parts = text.split(".");
  // Models of the library have dots in their names, as columns may.
  for (const end of parts.keys()) {
    const name = parts.slice(0, end + 1).join(".");
    const column = end + 1 === parts.length ? null : parts.slice(end + 1).join(".");
    const isNode = project.dbt?.nodes.has(name) === true && !project.models.has(name);
    const id = resolveRef(project, name) ?? (isNode ? `model:${name}` : null);
    if (id !== null) found.push({ relation: id, column });
    if (hasTable(project, parts.slice(0, end + 1))) found.push({ relation: `source:${name}`, column });
  }
  return project.syncs.has(text) ? [...found, { relation: `sync:${text}`, column: null }] : found;
}

function hasTable({ sources, dbt }: Project, [source = "", table, ...more]: readonly string[]): boolean {
  const tables = sources.get(source)?.spec.tables ?? dbt?.sources.get(source)?.tables ?? [];
  return more.length === 0 && tables.some(({ name }) => name === table);
}

/** Of a source whose columns nobody listed, any name may be one. */
async function checked(lineage: Lineage, subject: Subject): Promise<Subject> {
  const relation = await lineage.relation(subject.relation);
  if (subject.column === null || !relation.complete) return subject;
  const column = columnOf(relation, subject.column);
  if (column !== undefined) return { ...subject, column: column.name };
  const what = subject.relation.startsWith("sync:") ? "field" : "column";
  const hint = didYouMean(
    subject.column,
    relation.columns.map(({ name }) => name),
    `its ${what}s`,
  );
  throw usage(`${subject.relation} has no ${what} ${JSON.stringify(subject.column)}`, hint, "E204");
}

function names({ models, segments, audiences, syncs, sources, seeds }: Project): readonly string[] {
  return [models, segments, audiences, syncs, sources, seeds].flatMap((map): readonly string[] => [...map.keys()]);
}
