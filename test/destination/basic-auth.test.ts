import { expect, it } from "vitest";
import { authHeaders, basicAuth } from "../../src/destination/index.ts";

it("puts credentials into a basic header, a name that is not set as nothing", () => {
  const given = { credentials: { site_id: "s", api_key: "k:1" }, config: {}, now: 0 };
  const decoded = (user: string, password: string): string => {
    const header = authHeaders(basicAuth(user, password), given)["authorization"] ?? "";
    return `${header.slice(0, 6)}${Buffer.from(header.slice(6), "base64").toString()}`;
  };
  expect(decoded("{site_id}", "{api_key}")).toBe("Basic s:k:1");
  expect(decoded("millrace", "{api_key}")).toBe("Basic millrace:k:1");
  expect(decoded("{none}", "{api_key}")).toBe("Basic :k:1");
});
