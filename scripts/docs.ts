/** `npm run docs`: writes the parts of docs/ that are made from the program. */
import { readFileSync, writeFileSync } from "node:fs";
import { commands } from "../src/cli/commands/index.ts";
import { withReference } from "../src/cli/text/reference.ts";

const file = new URL("../docs/cli.md", import.meta.url);
writeFileSync(file, withReference(readFileSync(file, "utf8"), commands));
