import { domainName, normalizeDomain } from "millrace/destination";
import { recordsOf } from "./record.ts";
import type { RecordType } from "./table.ts";

/**
 * Companies: the API does not keep domains unique (HGData/mk-node-hubspot issue 194), so they are searched for, then changed
 * or made.
 */
export const companies: RecordType = {
  path: "companies",
  by: "domain",
  kind: "domain",
  unique: false,
  form: normalizeDomain,
};

/** `company`: companies by their domain. */
export const company = recordsOf(companies, "A company, by its domain; of several the oldest", {
  domain: domainName(),
});
