import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { describeType } from "../src/cli/describe-type.ts";
import { destinationPage } from "../src/cli/destination-page.ts";
import { builtInTypes } from "../src/project/destinations.ts";

/** The pages follow from the code: `npm run docs:destinations` writes them anew. */
it.each(builtInTypes())("docs/destinations/%s.md says what the code says", async (type) => {
  await expect(`${destinationPage(await describeType(type))}\n`).toMatchFileSnapshot(`../docs/destinations/${type}.md`);
});

it("has no page of a destination that is not there", () => {
  const pages = readdirSync(new URL("../docs/destinations/", import.meta.url)).map((file) => file.replace(/\.md$/, ""));
  expect(pages.toSorted()).toEqual([...builtInTypes(), "README"].toSorted());
});
