import { randomUUID } from "node:crypto";
import type { Call } from "./bigquery-client.ts";
import { bigqueryError } from "./bigquery-error.ts";
import type { Field } from "./bigquery-types.ts";

/** The columns of a table, which costs nothing; `project` and `dataset` where its name has none. */
export async function fieldsOf(call: Call, relation: string, project: string, dataset = ""): Promise<readonly Field[]> {
  const [table = "", datasetId = dataset, projectId = project] = relationParts(relation)
    .map(encodeURIComponent)
    .toReversed();
  const { schema } = await call({
    method: "GET",
    uri: `/datasets/${datasetId}/tables/${table}`,
    projectId,
  }).catch((error: unknown) => {
    throw bigqueryError(error);
  });
  return schema?.fields ?? [];
}

/** Asked of the API, which costs nothing; false too for one that the account may not see. */
export async function hasDataset(call: Call, projectId: string, dataset: string): Promise<boolean> {
  try {
    await call({ method: "GET", uri: `/datasets/${encodeURIComponent(dataset)}`, projectId });
    return true;
  } catch (error) {
    const ours = bigqueryError(error);
    if (ours.diagnostics.some(({ code }) => code === "E721" || code === "E722")) return false;
    throw ours;
  }
}

/** `` `a`.`b`.c `` -> a, b, c. Names of tables hold no backquote and no escape. */
export function relationParts(relation: string): string[] {
  return (relation.match(/`[^`]*`|[^`.\s]+/g) ?? []).map((part) => part.replaceAll("`", ""));
}

/** A table for a while, beside another one and with its rights. */
export function tableBeside(relation: string): string {
  const parts = relationParts(relation);
  const name = `${parts.at(-1)}__append_${randomUUID().replaceAll("-", "")}`;
  return [...parts.slice(0, -1), name].map((part) => `\`${part}\``).join(".");
}
