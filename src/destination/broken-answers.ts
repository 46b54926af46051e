import type { HttpResponse } from "./http.ts";

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** As the engine hands it over. */
export const answer = ({ status, headers = {}, body }: Answer): HttpResponse => ({
  status,
  headers,
  body,
  text: JSON.stringify(body) ?? "",
});

/** Answers that no platform documents; every one must leave rows not accepted, and the code standing. */
export const broken: readonly HttpResponse[] = [
  { status: 200, headers: {}, body: undefined, text: "<html>maintenance</html>" },
  ...[
    null,
    [],
    [null],
    12,
    {},
    { data: [null], results: [null], errors: [null], lists: [null] },
    { data: 1, results: 1, errors: 1 },
  ].map((body) => answer({ status: 200, body })),
  answer({ status: 500 }),
  answer({ status: 502, body: "bad gateway" }),
];

/** Files that tell nothing, each shown instead of the one that was named. */
export const brokenFiles: readonly HttpResponse[] = [
  ...["", "email,error\n", "a,b\n1\n", '"email', "<Error><Code>AccessDenied</Code></Error>", "\0\0"].map((text) => ({
    ...answer({ status: 200 }),
    text,
  })),
  { ...answer({ status: 404 }), unread: "E820: the file was not read: HTTP 404" } as HttpResponse,
];
