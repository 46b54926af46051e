import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import {
  type Auth,
  type Destination,
  type Exchange,
  get,
  type HttpResponse,
  refreshGrant,
  session,
} from "../../src/destination/index.ts";
import { type Line, openLine } from "../../src/engine/converse.ts";
import { createHttp } from "../../src/engine/http.ts";
import { tokenKeeper } from "../../src/engine/token-file.ts";
import type { TokenKeeper } from "../../src/engine/token.ts";
import type { RunEvent } from "../../src/core.ts";
import { type FakeOauth, fakeOauth } from "../fakes/oauth.ts";
import { type Fake, startFake } from "../fakes/server.ts";
import { memoryFiles } from "../ledger/memory-files.ts";
import { virtualPorts } from "./virtual-clock.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const oauth2: Auth = {
  type: "oauth2",
  token: ({ credentials }) =>
    typeof credentials["refresh_token"] === "string"
      ? { url: "https://login.example.com/oauth/token", form: refreshGrant(credentials) }
      : null,
};
const configured = { client_id: "id", client_secret: "shh-secret", refresh_token: "refresh-0" };

interface Setting {
  readonly fake: Fake<FakeOauth>;
  readonly events: RunEvent[];
  readonly ports: ReturnType<typeof virtualPorts>;
  line(more?: { readonly keeper?: TokenKeeper; readonly credentials?: object; readonly auth?: Auth }): Line;
}

async function setting(oauth: FakeOauth): Promise<Setting> {
  const fake = await startFake(oauth, (request) => {
    if (request.path === "/oauth/token") return oauth.token(request);
    return oauth.knows(request) ? { status: 200, body: { rows: 1 } } : { status: 401, body: {} };
  });
  const http = createHttp({ allowPrivateHosts: ["127.0.0.1"] });
  const events: RunEvent[] = [];
  const ports = virtualPorts();
  closers.push(
    () => http.close(),
    () => fake.close(),
  );
  const line: Setting["line"] = ({ keeper, credentials = configured, auth = oauth2 } = {}) => {
    const definition: Destination = {
      name: "fake",
      describe: "",
      docs: "",
      config: z.strictObject({}),
      credentials: z.strictObject({}),
      auth,
      effects: ["http"],
      hosts: () => [],
      objects: {},
    };
    return openLine({
      definition,
      config: { base_url: fake.url },
      credentials: credentials as Record<string, unknown>,
      http,
      ports,
      limits: {},
      attempts: 3,
      deadlineMs: 60_000,
      onEvent: (event) => events.push(event),
      ...(keeper === undefined ? {} : { keeper }),
    });
  };
  return { fake, events, ports, line };
}

function* read(url: string): Exchange<number> {
  const response: HttpResponse = yield* get(`${url}/rows`);
  return response.status;
}
const ask = (line: Line, url: string) => line.converse(read(url), { once: false });
const ok = { status: "answered", value: 200, repeated: false };

it("fetches one token for all who wait, and uses it while it is good", async () => {
  const { fake, line } = await setting(fakeOauth());
  const one = line();
  expect(await Promise.all([ask(one, fake.url), ask(one.fork(), fake.url), ask(one.fork(), fake.url)])).toEqual([
    ok,
    ok,
    ok,
  ]);
  expect(fake.state.asked).toEqual([{ grant_type: "refresh_token", ...configured }]);
});

it("fetches another before the end of the first, and once where one is refused", async () => {
  const { fake, line, ports } = await setting(fakeOauth({ seconds: 600 }));
  const one = line();
  await ask(one, fake.url);
  await ports.clock.sleep(541_000);
  expect(await ask(one, fake.url)).toEqual(ok);
  expect(fake.state.asked.length).toBe(2);
  fake.state.expire();
  expect(await Promise.all([ask(one, fake.url), ask(one, fake.url)])).toEqual([ok, ok]);
  expect(fake.state.asked.length).toBe(3);
});

it("keeps a rotated refresh token for the next process, and forgets it for other credentials", async () => {
  const { fake, line } = await setting(fakeOauth({ refresh_token: "refresh-0", rotates: true }));
  const files = memoryFiles();
  const keeper = (credentials: object = configured) =>
    tokenKeeper(files, "/p/.millrace/tokens/dev/fake.json", credentials as Record<string, unknown>);
  expect(await ask(line({ keeper: keeper() }), fake.url)).toEqual(ok);
  expect(await ask(line({ keeper: keeper() }), fake.url)).toEqual(ok);
  expect(fake.state.asked.map((form) => form["refresh_token"])).toEqual(["refresh-0", "refresh-1"]);
  expect(await keeper({ ...configured, refresh_token: "new" }).read()).toBeNull();
});

it("fails with the endpoint's words where the token is refused, and never shows a secret", async () => {
  const { fake, events, line } = await setting(fakeOauth({ refresh_token: "another" }));
  const ended = await ask(line(), fake.url);
  expect(ended).toMatchObject({ status: "failed", code: "E812", mayHaveApplied: false });
  expect(JSON.stringify(ended)).toContain("invalid_grant: Token has been revoked.");
  expect(JSON.stringify([ended, events])).not.toMatch(/shh-secret|refresh-0/);
  expect(fake.requests.map(({ path }) => path)).toEqual(["/oauth/token"]);
});

it("sends nothing while the endpoint is down", async () => {
  const { fake, line } = await setting(fakeOauth());
  fake.fail({ on: "/oauth/token", status: 503 });
  expect(await ask(line(), fake.url)).toMatchObject({ status: "unsent" });
  expect(await ask(line(), fake.url)).toEqual(ok);
});

it("uses an access token of the credentials as it is", async () => {
  const { fake, line } = await setting(fakeOauth());
  await ask(line(), fake.url);
  expect(await ask(line({ credentials: { access_token: "token-1" } }), fake.url)).toEqual(ok);
  expect(fake.state.asked.length).toBe(1);
});

it("gives what came with the token, without any secret in it", async () => {
  const extras = { instance_url: "https://shop.example.com", id_token: "secret", signature: "secret" };
  const { line } = await setting(fakeOauth({ session: extras }));
  const ended = await line().converse(session(), { once: false });
  expect(ended).toEqual({ ...ok, value: { instance_url: "https://shop.example.com" } });
});

it("signs each request over its content, with a nonce of its own", async () => {
  const seen: string[] = [];
  const auth: Auth = {
    type: "signed",
    sign(request, { credentials }) {
      seen.push(
        `${request.method} ${new URL(request.url).pathname} ${request.body ?? ""} ${String(credentials["key"])}`,
      );
      return { "x-signature": request.nonce };
    },
  };
  const { fake, line } = await setting(fakeOauth());
  await ask(line({ auth, credentials: { key: "k" } }), fake.url);
  expect(seen).toEqual(["GET /rows  k"]);
  expect(fake.requests[0]?.headers["x-signature"]).toMatch(/^(ab){16}$/);
});
