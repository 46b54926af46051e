import { ensureNamed, type NamedOptions } from "millrace/destination";
import { api, type Config } from "./api.ts";

/**
 * `ensure` for lists and tags: of exactly this name; tags, which have a description, only with our marker there (R43). `query`:
 * what the call names the name it looks for.
 */
export const named = (
  what: "list" | "tag",
  query: string,
  making: Pick<NamedOptions<Config>, "create" | "idOf"> = {},
) =>
  ensureNamed<Config>({
    what,
    api,
    *find(name, ctx) {
      const response = yield* api.get(ctx, `${what}s?${query}=${encodeURIComponent(name)}&limit=100`);
      const rows: readonly any[] | undefined = response.body?.[`${what}s`];
      if (!Array.isArray(rows)) return response;
      return rows.map(({ id, tag: label, ...row }) => ({ id: String(id), name: label, ...row }));
    },
    ...making,
  });
