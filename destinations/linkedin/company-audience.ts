/** Companies, by what is known of them. */
import { defineObject, domainName, exact } from "millrace/destination";
import type { Config } from "./api.ts";
import { ensureSegment, measure } from "./segment.ts";
import { streaming } from "./stream.ts";

export const companyAudience = defineObject<Config, string>({
  describe: "Companies, by name, domain, page or organization",
  kind: "membership",
  ops: ["add", "remove"],
  delivery: "set",
  identify: "any",
  identifiers: {
    companyName: exact("Name of the company, sent as it is"),
    companyWebsiteDomain: domainName(),
    companyEmailDomain: { ...domainName(), describe: "Domain of its e-mail addresses" },
    companyPageUrl: exact("Address of its LinkedIn page, sent as it is"),
    organizationUrn: exact("Its URN, urn:li:organization:…, sent as it is"),
  },
  fields: {},
  // 300 requests a minute (create-and-manage-segment-companies).
  limits: { rows: 5_000, rate: { requests: 300, perSeconds: 60 } },
  ensure: ensureSegment("COMPANY"),
  deliver: streaming("companies", ({ identifiers }) => identifiers),
  measure,
});
