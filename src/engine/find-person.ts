/** Who is meant by a key or an e-mail: looked up in the models that are activated, then in what the ledger holds. */
import { createHash } from "node:crypto";
import { derived, keySql } from "../audience/key.ts";
import { primaryKey } from "../audience/context.ts";
import { sentTable } from "../ledger/tables.ts";
import { wordsOf } from "../ledger/words.ts";
import type { ModelResource } from "../project/project.ts";
import { modelOf } from "./shape.ts";
import type { Workspace } from "./workspace.ts";

export interface FoundPerson {
  /** The key's text. */
  readonly k: string;
  readonly model: string;
  /** Raw values by kind, those that are not NULL; empty for a person the model no longer has. */
  readonly identifiers: Readonly<Record<string, string>>;
}

export interface Wanted {
  readonly key?: string;
  readonly email?: string;
  readonly audience?: string;
}

/** Null when nobody has that key or e-mail; of several with one e-mail the smallest key. */
export async function findPerson(workspace: Workspace, wanted: Wanted): Promise<FoundPerson | null> {
  for (const model of activated(workspace, wanted.audience)) {
    const found = await inModel(workspace, model, wanted);
    if (found !== null) return found;
  }
  return inLedger(workspace, wanted);
}

/** Models of the audience, or of all audiences and syncs: those with most audiences first. */
function activated({ project }: Workspace, audience: string | undefined): readonly ModelResource[] {
  const one = audience === undefined ? undefined : project.audiences.get(audience);
  const used =
    one === undefined
      ? [
          ...[...project.audiences.values()].map(({ spec }) => spec.model),
          ...[...project.syncs.values()].flatMap(({ spec }) => spec.model ?? []),
        ]
      : [one.spec.model];
  const counts = new Map<string, number>();
  for (const name of used) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .toSorted(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .flatMap(([name]) => project.models.get(name) ?? [])
    .filter(({ spec }) => spec.primary_key.length > 0);
}

async function inModel(
  { audiences, compiler, warehouse }: Workspace,
  model: ModelResource,
  { key, email }: Wanted,
): Promise<FoundPerson | null> {
  const { dialect } = warehouse;
  const { identifiers } = model.spec;
  const column = (name: string): string => wordsOf(dialect).text(`m.${dialect.quote(name)}`);
  const text = keySql(dialect, "m", primaryKey(audiences, model.name));
  const mail = identifiers["email"];
  if (key === undefined && mail === undefined) return null;
  const condition =
    key === undefined
      ? `lower(trim(${column(mail ?? "")})) = lower(trim(${dialect.literal(email ?? "")}))`
      : `${text} = ${dialect.literal(key.normalize("NFC"))}`;
  const kinds = Object.entries(identifiers);
  const columns = kinds.map(([, name], index) => `, ${column(name)} AS i${index}`).join("");
  const [row] = await warehouse.rows(
    `SELECT ${text} AS k${columns} FROM ${derived(compiler.query(model.name), "m")} WHERE ${condition} AND ${text} IS NOT NULL ORDER BY 1 LIMIT 1`,
  );
  if (row === undefined) return null;
  const values = kinds.flatMap(([kind], index): readonly (readonly [string, string])[] => {
    const value: unknown = row[`i${index}`];
    return typeof value === "string" ? [[kind, value]] : [];
  });
  return { k: row["k"], model: model.name, identifiers: Object.fromEntries(values) };
}

/** A person the models no longer have may still be held somewhere: by key, or by the address as it was sent, hashed or not. */
async function inLedger(
  { project, warehouse, ledger, states }: Workspace,
  { key, email, audience }: Wanted,
): Promise<FoundPerson | null> {
  const { literal } = warehouse.dialect;
  const mail = (email ?? "").trim().toLowerCase();
  const forms = [mail, createHash("sha256").update(mail).digest("hex")].map(literal).join(", ");
  const condition =
    key === undefined
      ? `len(list_filter(ids, i -> i.kind = 'email' AND lower(i."value") IN (${forms}))) > 0`
      : `k = ${literal(key.normalize("NFC"))}`;
  for (const sync of project.syncs.values()) {
    const state = states.get(sync.name);
    if (state === undefined || (audience !== undefined && sync.spec.audience !== audience)) continue;
    const [row] = await warehouse.rows(
      `SELECT k FROM ${sentTable(ledger, state.id)} WHERE ${condition} ORDER BY 1 LIMIT 1`,
    );
    if (row !== undefined) return { k: row["k"], model: modelOf(project, sync).name, identifiers: {} };
  }
  return null;
}
