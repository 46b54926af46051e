import { expect, it } from "vitest";
import http from "../../destinations/http.ts";
import { batch, change } from "../destination/change.ts";
import { context, object } from "../destination/drive.ts";

const url = "https://crm.example.com/api";

it.each([
  ["find", { find: { method: "POST", path: "/search", id: "/id" } }, { harmless: true }],
  ["add", { find: undefined }, {}],
])("a question by POST changes nothing, and is told apart from what may: %s", (_, config, how) => {
  const given = { url, add: { method: "POST", path: "/contacts" }, ...config };
  const talk = object(http, "record", given).deliver(batch("add", [change("1")]), context(http, given));
  expect(talk.next().value).toEqual({
    http: { method: "POST", url: `${url}${config.find?.path ?? "/contacts"}`, headers: {}, ...how },
  });
});
