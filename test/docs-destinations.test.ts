import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { describeType } from "../src/cli/describe-type.ts";
import { destinationPage, destinationsTable } from "../src/cli/destination-page.ts";
import { builtInTypes } from "../src/project/destinations.ts";

/** The pages follow from the code: `npm run docs:destinations` writes them anew. */
it.each(builtInTypes())("docs/destinations/%s.md says what the code says", async (type) => {
  await expect(`${destinationPage(await describeType(type))}\n`).toMatchFileSnapshot(`../docs/destinations/${type}.md`);
});

const overview = (table: string): string => `# Destinations

A page for each type that millrace brings: credentials, objects, modes, identifiers, fields, limits, what a repeat does, how refused
rows look, how a person is erased. These pages are written by \`npm run docs:destinations\` from what the code declares;
\`millrace destinations TYPE\` prints the same page, \`millrace destinations --types\` the list.

Delivery says what becomes of a row whose request was never answered: \`set\` is sent again, since a repeat changes nothing;
\`keyed\` is sent again under the same key while the platform knows it; \`once\` is held until \`millrace resolve\`.

${table}

A platform that is not among them is one file: see [CONTRIBUTING.md](../../CONTRIBUTING.md). Where its API is simple, \`http\` speaks to it
from YAML alone. All were tested against fake platforms on loopback built from the vendors' documents, or against real servers
where there are any to be had; none was tried on a live service.
`;

it("docs/destinations/README.md lists them all", async () => {
  const types = await Promise.all(builtInTypes().map(describeType));
  await expect(overview(destinationsTable(types))).toMatchFileSnapshot("../docs/destinations/README.md");
});

it("has no page of a destination that is not there", () => {
  const pages = readdirSync(new URL("../docs/destinations/", import.meta.url)).map((file) => file.replace(/\.md$/, ""));
  expect(pages.toSorted()).toEqual([...builtInTypes(), "README"].toSorted());
});
