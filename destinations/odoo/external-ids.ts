/** External ids, which records are known by: made of the model's key, kept by Odoo in `ir.model.data`. */
import type { Batch, Change, Exchange, HttpResponse, Json } from "millrace/destination";
import type { Where } from "./api.ts";
import { call } from "./call.ts";

/** Technical name of the sync's model. */
export const modelOf = ({ remoteConfig }: Where): string => String(remoteConfig["model"]);

const coded = (character: string): string => `_${character.codePointAt(0)?.toString(16)}_`;

/** The name below the module: letters, digits and hyphens as they are, so that no two keys share one. */
function nameOf({ key }: Change, ctx: Where): string {
  const spelled = typeof key === "object" ? JSON.stringify(key) : String(key);
  return `${modelOf(ctx).replaceAll(".", "_")}_${spelled.replaceAll(/[^A-Za-z0-9-]/gu, coded)}`;
}

/** The external id of a change's record. */
export const externalIdOf = (change: Change, ctx: Where): string => `${ctx.config.id_module}.${nameOf(change, ctx)}`;

/** Odoo's ids of those of the changes that are there: it forgets external ids of what is deleted. */
export function* present(batch: Batch, ctx: Where, uid: Json): Exchange<ReadonlyMap<Change, number> | HttpResponse> {
  const names = batch.changes.map((change) => nameOf(change, ctx));
  const domain: Json = [
    ["module", "=", ctx.config.id_module],
    ["model", "=", modelOf(ctx)],
    ["name", "in", names],
  ];
  const found = yield* call(ctx, uid, "ir.model.data", "search_read", { domain, fields: ["name", "res_id"] });
  if (!Array.isArray(found.body)) return found;
  const known = new Map<unknown, unknown>(found.body.map(({ name, res_id }) => [name, res_id]));
  const there = new Map<Change, number>();
  for (const [index, change] of batch.changes.entries()) {
    const id = known.get(names[index]);
    if (typeof id === "number") there.set(change, id);
  }
  return there;
}
