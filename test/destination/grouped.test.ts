import { expect, it } from "vitest";
import { grouped } from "../../src/destination/index.ts";

it("puts fields into groups under the names they have there, and leaves empty groups out", () => {
  const placeOf = (name: string) =>
    name.startsWith("location.") ? (["location", name.slice("location.".length)] as const) : (["own", name] as const);
  expect(grouped({ name: "Ann", "location.city": "Lyon", "location.zip": null, age: 7 }, placeOf)).toEqual({
    own: { name: "Ann", age: 7 },
    location: { city: "Lyon", zip: null },
  });
  expect(grouped({}, placeOf)).toEqual({});
});
