import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkDestination } from "../../src/engine/index.ts";
import { startShop, type Shop } from "./small-shop.ts";

let shop: Shop;
beforeEach(async () => (shop = await startShop()) && undefined);
afterEach(() => shop.close());

const own = (
  body: string,
): string => `import { defineDestination, defineObject, get, accepted, all } from "millrace/destination";
import { z } from "zod";
export default defineDestination({
  name: "own", describe: "Own", docs: "https://example.com",
  config: z.strictObject({ url: z.string(), allow_private_network: z.boolean().default(false) }),
  credentials: z.strictObject({ token: z.string() }),
  auth: { type: "bearer", secret: "token" }, effects: ["http"],
  hosts: ({ url }) => [new URL(url).hostname],
  *check({ config }) { ${body} },
  objects: { member: defineObject({ describe: "m", kind: "membership", ops: ["add", "remove"], delivery: "set", identify: "any",
    identifiers: {}, fields: {}, limits: { rows: 10 }, *deliver(batch) { return all(batch, accepted()); } }) },
});
`;

it("says so where a destination has no check, and calls nothing", async () => {
  const found = await checkDestination({ ...(await shop.options()), destination: "hook" });
  expect(found).toEqual([
    { ok: true, message: "webhook has no check of its own: settings and secrets are there, nothing was called" },
  ]);
  expect(shop.receiver.requests).toEqual([]);
});

it("refuses a destination that is not there", async () => {
  const options = await shop.options();
  await expect(checkDestination({ ...options, destination: "nope" })).rejects.toMatchObject({ exit: 64 });
});

it("asks the platform with the secret, and hides the secret in what it says", async () => {
  const server = createServer((request, response) =>
    response
      .writeHead(request.headers.authorization === "Bearer secret-token-1" ? 200 : 401, {
        "content-type": "application/json",
      })
      .end(JSON.stringify({ message: `hello secret-token-1` })),
  );
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/me`;
  await shop.write(
    "destinations/own.mjs",
    own(
      `const answer = yield* get(config.url); return [{ ok: answer.status === 200, message: "the account says " + answer.body.message }];`,
    ),
  );
  await shop.write(
    "destinations/mine.yml",
    `destination: mine\ntype: own\ncredentials: { token: "\${env:TOKEN}" }\nconfig: { url: "${url}", allow_private_network: true }\n`,
  );
  const options = await shop.options();
  const check = (token: string) => checkDestination({ ...options, env: { TOKEN: token }, destination: "mine" });
  try {
    expect(await check("secret-token-1")).toEqual([{ ok: true, message: "the account says hello *****" }]);
    expect(await check("secret-token-2")).toMatchObject([{ ok: false }]);
    await expect(checkDestination({ ...options, destination: "mine" })).rejects.toMatchObject({
      diagnostics: [{ code: "E334" }],
    });
  } finally {
    await new Promise((closed) => server.close(closed));
  }
  expect(await check("secret-token-1")).toMatchObject([{ ok: false }]);
});
