import type { FakeAnswer, FakeRequest } from "./server.ts";

/** What an OAuth 2 token endpoint knows: which token is good now, which refresh token it takes. */
export interface FakeOauth {
  /** The form of a request for a token, in order. */
  readonly asked: Readonly<Record<string, string>>[];
  /** Answers a request for a token. */
  token(request: FakeRequest): FakeAnswer;
  /** Is the request made with the newest token? */
  knows(request: FakeRequest): boolean;
  /** The newest token is good no more. */
  expire(): void;
}

/**
 * A token endpoint that gives `token-1`, `token-2` … `rotates`: each answer also replaces the refresh token. `session`:
 * further keys of the answer.
 */
export function fakeOauth(
  how: {
    readonly refresh_token?: string;
    readonly rotates?: boolean;
    readonly seconds?: number;
    readonly session?: object;
    /** How a request carries its token; default `Bearer`. */
    readonly scheme?: string;
  } = {},
): FakeOauth {
  const asked: Readonly<Record<string, string>>[] = [];
  let good = "";
  let refreshToken = how.refresh_token;
  return {
    asked,
    token({ text }) {
      const form = Object.fromEntries(new URLSearchParams(text));
      asked.push(form);
      if (
        refreshToken !== undefined &&
        form["grant_type"] === "refresh_token" &&
        form["refresh_token"] !== refreshToken
      )
        return { status: 400, body: { error: "invalid_grant", error_description: "Token has been revoked." } };
      good = `token-${asked.length}`;
      if (how.rotates === true) refreshToken = `refresh-${asked.length}`;
      const rotated = how.rotates === true ? { refresh_token: refreshToken } : {};
      return {
        status: 200,
        body: { access_token: good, token_type: "Bearer", expires_in: how.seconds ?? 3600, ...how.session, ...rotated },
      };
    },
    knows: ({ headers }) => headers["authorization"] === `${how.scheme ?? "Bearer"} ${good}`,
    expire: () => void (good = "expired"),
  };
}
