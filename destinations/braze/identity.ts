/** Whom an item of a request speaks of. */
import type { Change, Context, Json } from "millrace/destination";
import { exact, externalId } from "millrace/destination";
import type { Config } from "./api.ts";

/** How a user can be known. */
export const identifiers = { external_id: externalId(), braze_id: exact("Braze's own id"), user_alias: exact("Alias") };
export type Kind = keyof typeof identifiers;

/** The same, the surest first. */
export const kinds: readonly Kind[] = ["external_id", "braze_id", "user_alias"];

/** The surest that a row has. */
export const kindOf = ({ identifiers: its }: Change): Kind =>
  kinds.find((kind) => its[kind] !== undefined) ?? "external_id";

/** Its value, as Braze writes it: an alias has a label. */
export function identityOf(change: Change, { alias_label }: Config): Json {
  const kind = kindOf(change);
  const value = change.identifiers[kind] ?? "";
  return kind === "user_alias" ? { alias_name: value, alias_label } : value;
}

/** Whom an item speaks of, and whether to make them: an alias only comes to be where that is said. */
export const whoseOf = (change: Change, { config, mode }: Context<Config>): Record<string, Json> => ({
  [kindOf(change)]: identityOf(change, config),
  _update_existing_only: mode === "update",
});
