/** What a project knows people by: e-mails, user ids, or both. */
import type { Batch, Change, Context, Exchange, Outcome } from "millrace/destination";
import { accepted, email, exact, only, rejected, surestKind, underSurest } from "millrace/destination";
import type { Config } from "./api.ts";

/** What a row can be known by. */
export const identifiers = { email: email(), user_id: exact("User id, sent as it is") };
export type Kind = keyof typeof identifiers;

/** Kinds that each sort of project knows, the surest first. */
const kinds: Readonly<Record<Config["project"], readonly Kind[]>> = {
  email: ["email"],
  userId: ["user_id"],
  hybrid: ["user_id", "email"],
};

/** Iterable's names of them. */
const names: Readonly<Record<Kind, string>> = { email: "email", user_id: "userId" };

const kindOf = (change: Change, { config }: Context<Config>): Kind | undefined =>
  surestKind(change, kinds[config.project]);

/** Whether the project knows a row by its user id. */
export const isByUserId = (change: Change, ctx: Context<Config>): boolean => kindOf(change, ctx) === "user_id";

/** What the project knows a row by, as a member of a request. */
export function keyOf(change: Change, ctx: Context<Config>): Readonly<Record<string, string>> {
  const kind = kindOf(change, ctx) ?? "email";
  return { [names[kind]]: change.identifiers[kind] ?? "" };
}

/** The same as the path of the user. */
export function userPath(change: Change, ctx: Context<Config>): string {
  const kind = kindOf(change, ctx) ?? "email";
  const value = encodeURIComponent(change.identifiers[kind] ?? "");
  return kind === "user_id" ? `users/byUserId/${value}` : `users/${value}`;
}

/** Records under the surest identifier that the project knows them by. */
export const underSurestOf = (batch: Batch, { config }: Context<Config>): Batch =>
  underSurest(batch, kinds[config.project]);

type Deliver = (batch: Batch, ctx: Context<Config>) => Exchange<readonly Outcome[]>;

/** Rows that the project cannot know are refused, or not there to be removed; `deliver` gets the others. */
export const knownOnly =
  (deliver: Deliver): Deliver =>
  (batch, ctx) => {
    const words = `the project knows people by ${kinds[ctx.config.project].join(" or ")}`;
    const stranger = batch.op === "remove" ? accepted() : rejected("no_identifier", words);
    const settled = (change: Change) => (kindOf(change, ctx) === undefined ? stranger : undefined);
    return only(batch, settled, (rest) => deliver(rest, ctx));
  };
