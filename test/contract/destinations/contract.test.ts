import { readFileSync } from "node:fs";
import { describe, it } from "vitest";
import { parse } from "yaml";
import file from "../../../destinations/file.ts";
import hubspot from "../../../destinations/hubspot.ts";
import klaviyo from "../../../destinations/klaviyo.ts";
import meta from "../../../destinations/meta.ts";
import webhook from "../../../destinations/webhook.ts";
import { contract, type Facts } from "../../../src/destination/testing.ts";
import { type Absent, openApi } from "./openapi.ts";

interface FactsFile extends Facts {
  readonly specs?: readonly string[];
  readonly not_in_spec?: readonly Absent[];
}

describe.each([file, hubspot, klaviyo, meta, webhook].map((destination) => ({ name: destination.name, destination })))(
  "$name",
  ({ name, destination }) => {
    const facts = parse(readFileSync(`test/facts/${name}.yml`, "utf8")) as FactsFile;
    for (const { name: title, check } of contract(destination, facts, openApi(facts.specs ?? [], facts.not_in_spec)))
      it(title, check);
  },
);
