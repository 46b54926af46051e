import { z } from "zod";
import type { Auth } from "./auth.ts";

/** Credentials of endpoints of one's own (decision 38): whichever are set are sent. */
export const webCredentials = {
  headers: z.record(z.string(), z.string()).optional().describe("Secret headers."),
  basic: z
    .strictObject({ username: z.string(), password: z.string() })
    .optional()
    .describe("HTTP basic authentication."),
  bearer: z.string().optional().describe("Bearer token."),
};

/** Sends {@link webCredentials}. */
export const webAuth: Auth = {
  type: "custom",
  headers({ headers, basic, bearer }) {
    const login = basic as { username: string; password: string } | undefined;
    return {
      ...(headers as Record<string, string> | undefined),
      ...(login && {
        authorization: `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`,
      }),
      ...(typeof bearer === "string" && { authorization: `Bearer ${bearer}` }),
    };
  },
};
