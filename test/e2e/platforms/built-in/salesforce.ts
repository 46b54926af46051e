import { type SalesforceState, startFakeSalesforce } from "../../../fakes/salesforce.ts";
import type { Fake } from "../../../fakes/server.ts";
import { emailOf, type Person } from "../people.ts";
import { byText, gently, network, type Platform } from "../platform.ts";

export const salesforceAccount = (url: string, bulkFrom: number): string => `type: salesforce
credentials: { client_id: id-of-the-lab, client_secret: "\${env:LAB_TOKEN}", refresh_token: "\${env:LAB_REFRESH}" }
config: { bulk_from: ${bulkFrom}, ${network(url)} }
${gently}`;

/** Collections. Jobs, whose people travel in the second request, are in ../../salesforce-bulk.test.ts. */
const record: Platform = {
  name: "salesforce_record",
  start: () => startFakeSalesforce(),
  destination: (url) => salesforceAccount(url, 2000),
  sync: `object: record
    mode: mirror
    on_leave: delete
    remote: { sobject: Contact, external_id: Ext_Id__c }
    nulls: clear
    mappings: [{ to: Email, from: email }, { to: LastName, from: name }, { to: Points__c, from: points }]`,
  writing: "PATCH /services/data/v65.0/composite/sobjects/Contact/Ext_Id__c",
  held: ({ state }: Fake<SalesforceState>) =>
    byText(
      [...state.records].map(([key, { fields }]) =>
        JSON.stringify([key, Number(fields["Points__c"]), fields["LastName"] ?? null]),
      ),
    ),
  desired: (now) => byText(now.map(({ id, points, name }) => JSON.stringify([String(id), points, name]))),
  mark: emailOf,
  spoilt: { status: 400, body: [{ errorCode: "JSON_PARSER_ERROR", message: "Cannot deserialize instance of date" }] },
  refuse: ({ state }: Fake<SalesforceState>, person: Person) =>
    void state.refuse.set(emailOf(person), "INVALID_EMAIL_ADDRESS"),
  forgive: ({ state }: Fake<SalesforceState>) => state.refuse.clear(),
  gone: { status: 404, body: [{ errorCode: "NOT_FOUND", message: "The requested resource does not exist" }] },
  refusal: { code: "INVALID_EMAIL_ADDRESS", message: "INVALID_EMAIL_ADDRESS for <email>" },
};

export default [record];
