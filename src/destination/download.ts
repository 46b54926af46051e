import { z } from "zod";
import type { Effect, Exchange } from "./effect.ts";

/** A file that a platform named, as text; or why it was not read, with a code and what to do about it. */
export type Downloaded = { readonly text: string } | { readonly unread: string };

/** For the configuration of destinations that declare `downloads`. */
export const downloadSettings = {
  download_hosts: z
    .array(
      z
        .string()
        .regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d+)?$/i, "a host name, its leftmost label may be *: *.example.com"),
    )
    .optional()
    .describe(
      "Hosts of the files in which the platform names refused rows, the leftmost label may be `*`; replaces those under Refused rows, or with base_url its host.",
    ),
};

/**
 * Reads a file at an address that the platform named in an answer: a report of the rows it refused. It is fetched without
 * credentials, from the hosts of `downloads` alone, 10 MB at most; reading it leaves no row in doubt. Rows of a file that was
 * not read are never accepted for want of it.
 */
export function* download(url: string): Exchange<Downloaded> {
  return (yield { download: url } satisfies Effect) as Downloaded;
}
