import { expect, it } from "vitest";
import { accepted, all, emailField, phoneField, withinBytes } from "../../src/destination/index.ts";
import { batch, change } from "./change.ts";

it.each([
  [emailField(), " Ann@Example.com ", { value: "ann@example.com" }],
  [emailField(), "ann", { reject: "not an e-mail address" }],
  [emailField(), ["ann@example.com"], { reject: "not an e-mail address" }],
  [emailField(), null, { value: null }],
  [phoneField(), "+1 (500) 555-0006", { value: "+15005550006" }],
  [phoneField(), 15005550006, { value: "+15005550006" }],
  [phoneField(), "12", { reject: "not a phone number with its country code" }],
  [phoneField(), null, { value: null }],
  [phoneField({ unreadable: "null" }), "12", { value: null }],
])("%#: a contact point as a field", (field, value, expected) => {
  expect(field.encode(value)).toEqual(expected);
});

it("refuses rows whose item is too large, counted in bytes, and sends the others in order", () => {
  const rows = ["a", "é", "bb", "c"].map((text) => change(text, { fields: { text } }));
  const asked: unknown[] = [];
  const conversation = withinBytes(
    batch("add", rows),
    12,
    ({ fields }) => fields,
    function* (rest, items) {
      asked.push(
        rest.changes.map(({ key }) => key),
        items,
      );
      return all(rest, accepted());
    },
  );
  const refusal = {
    status: "rejected",
    code: "too_large",
    message: "larger than the 0.012 KB that the platform takes of one row",
  };
  expect(conversation.next()).toEqual({
    done: true,
    value: [{ status: "accepted" }, refusal, refusal, { status: "accepted" }],
  });
  expect(asked).toEqual([
    ["a", "c"],
    [{ text: "a" }, { text: "c" }],
  ]);
});
