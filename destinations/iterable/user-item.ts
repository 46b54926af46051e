/** A user as bulk calls take one, for those who are kept as records and those who join a list. */
import type { Change, Context } from "millrace/destination";
import { anyValue, phoneField } from "millrace/destination";
import type { Config } from "./api.ts";
import { isByUserId } from "./identity.ts";

/** Iterable's own field of a user. */
export const userFields = { phoneNumber: phoneField() };

/** Every other. */
export const userField = anyValue({ describe: "User field" });

/** A row as a user. */
export const userOf = (change: Change, ctx: Context<Config>): object => ({
  email: change.identifiers["email"],
  userId: change.identifiers["user_id"],
  dataFields: change.fields,
  preferUserId: isByUserId(change, ctx),
  mergeNestedObjects: true,
});
