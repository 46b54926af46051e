/** Profiles one at a time: found by e-mail, written alone. */
import type { Change, Context, Exchange, Outcome, Register } from "millrace/destination";
import { accepted, idsInChunks, registerBy } from "millrace/destination";
import { api, type Config, errorsOf, isAboutPhone } from "./api.ts";
import { withoutPhone } from "./attributes.ts";

/** Profiles by e-mail, 100 a call (decision 23); never makes one. */
export function profiles(ctx: Context<Config>): Register {
  const ask = (emails: readonly string[]) => {
    const anyOfThem = encodeURIComponent(`any(email,${JSON.stringify(emails)})`);
    return api.get(ctx, `profiles?filter=${anyOfThem}&fields[profile]=email&page[size]=100`);
  };
  const pairOf = ({ id, attributes }: any): [email: string, id: string] => [
    String(attributes?.email).toLowerCase(),
    String(id),
  ];
  return registerBy("email", api, (emails) => idsInChunks(emails, 100, ask, ({ body }) => body?.data?.map(pairOf)));
}

/**
 * Writes one profile, the one of that id where there is an id; accepted under its own. A phone that Klaviyo does not believe
 * costs the phone, not the profile.
 */
export function* importOne(ctx: Context<Config>, attributes: Change["fields"], id?: string): Exchange<Outcome> {
  const data = { type: "profile", ...(id === undefined ? {} : { id }), attributes };
  const response = yield* api.post(ctx, "profile-import", { data });
  const written = response.body?.data?.id;
  if ((response.status === 200 || response.status === 201) && typeof written === "string") return accepted(written);

  const others = withoutPhone(attributes);
  const canDoWithout = "phone_number" in attributes && Object.keys(others).length > 0;
  if (canDoWithout && errorsOf(response).some(isAboutPhone)) return yield* importOne(ctx, others, id);
  return api.broken(response);
}
