/** Platforms where only they can say whose account the credentials open: other credentials lead nowhere else unseen (R31). */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { builtInTypes, loadBuiltIn } from "../../src/project/destinations.ts";
import type { Fake, FakeAnswer } from "../fakes/server.ts";
import { pipedrivePerson } from "./platforms/built-in/pipedrive.ts";
import { writes, type Lab } from "./platforms/lab.ts";
import { bo, first, rowOf, second, type Person } from "./platforms/people.ts";
import { platforms, startPlatforms } from "./platforms/platforms.ts";

interface Asked {
  /** Of the fake's platform. */
  readonly platform: string;
  /** `METHOD /path` of the question. */
  readonly question: string;
  /** How credentials that may not ask are refused; or that it is not said. */
  readonly refusal: FakeAnswer;
}

/** As last wanted. */
const everybody = [...new Map([...first, ...second].map((person) => [person.id, person])).values()];

const forbidden: FakeAnswer = { status: 403, body: { message: "forbidden" } };
const asked: Readonly<Record<string, Asked>> = {
  attio: { platform: "attio_record", question: "GET /v2/self", refusal: { status: 200, body: { active: false } } },
  brevo: { platform: "brevo_contact", question: "GET /v3/account", refusal: { status: 200, body: { email: "" } } },
  customerio: {
    platform: "customerio_person_deleted",
    question: "GET /api/v1/accounts/region",
    refusal: { status: 200, body: { region: "us" } },
  },
  hubspot: { platform: "hubspot_contact_deleted", question: "GET /account-info/v3/details", refusal: forbidden },
  intercom: {
    platform: "intercom_contact",
    question: "GET /me",
    refusal: { status: 401, body: { type: "error.list", errors: [{ code: "token_unauthorized", message: "no" }] } },
  },
  klaviyo: { platform: "klaviyo_profile", question: "GET /api/accounts", refusal: forbidden },
  pipedrive: { platform: "pipedrive_person", question: "GET /api/v1/users/me", refusal: forbidden },
  salesforce: {
    platform: "salesforce_record",
    question: "GET /services/data/v65.0/query?q=SELECT+Id+FROM+Organization",
    refusal: { status: 400, body: [{ errorCode: "INVALID_TYPE", message: "not supported" }] },
  },
  sendgrid: { platform: "sendgrid_contact", question: "GET /v3/user/username", refusal: forbidden },
  zoho: {
    platform: "zoho_record",
    question: "GET /crm/v8/org",
    refusal: { status: 401, body: { status: "error", code: "OAUTH_SCOPE_MISMATCH", message: "no" } },
  },
};

it("knows every built-in destination that asks", async () => {
  const types = await Promise.all(builtInTypes().map(loadBuiltIn));
  expect(types.filter(({ account }) => account !== undefined).map(({ name }) => name)).toEqual(Object.keys(asked));
});

describe.each(Object.entries(asked))("%s", (_, { platform: name, question, refusal }) => {
  const platform = [pipedrivePerson, ...platforms].find((each) => each.name === name)!;
  let fake: Fake<{ account: string | number }>;
  let lab: Lab;
  beforeEach(async () => {
    fake = await platform.start();
    lab = await startPlatforms([{ platform, url: fake.url }]);
  });
  afterEach(async () => {
    await lab.close();
    await fake.close();
  });

  async function wanting(people: readonly Person[]): Promise<string> {
    await lab.seed("people", people.map(rowOf));
    const { status, error } = await lab.run(name);
    return error === null ? status : `${error.code}: ${error.message}`;
  }
  const questions = () => fake.requests.filter(({ method, path }) => `${method} ${path}` === question).length;

  it("sends nothing to another account, asks once a run, and goes on where the old one is back", async () => {
    const { account } = fake.state;
    expect([await wanting(first), questions()]).toEqual(["ok", 1]);
    fake.state.account = typeof account === "number" ? account + 1 : `${account}-other`;
    const [before, held] = [fake.requests.length, platform.held(fake)];
    expect(await wanting(second)).toBe(
      `E524: the ledger of sync "${name}" speaks of account ${account}, the credentials open ${fake.state.account}`,
    );
    expect(writes(fake, before).filter((write) => !write.endsWith("/token"))).toEqual([]);
    expect(platform.held(fake)).toEqual(held);
    fake.state.account = account;
    expect([await wanting(second), questions()]).toEqual(["ok", 3]);
    expect(platform.held(fake)).toEqual(platform.desired(second, everybody));
  });

  it("goes on as before where the credentials may not ask, and stops where they no longer may", async () => {
    fake.fail({ ...refusal, on: question });
    expect(await wanting([bo])).toBe("ok");
    expect(await wanting(first)).toBe("ok");
    fake.fail({ ...refusal, on: question });
    expect(await wanting(second)).toMatch(/^E524: .* the platform does not say whose account it is now$/);
    expect(platform.held(fake)).toEqual(platform.desired(first, first));
  });
});
