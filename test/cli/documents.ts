/** Hand-written documents of every kind; golden files hold them as `--json` prints them. */
import type { PlanDocument, RunDocument, TestResult } from "../../src/core.ts";
import type { ExplainDocument, StatusDocument } from "../../src/engine/api.ts";

const git = { sha: "4be1d2000000000000000000000000000000000a", branch: "main", dirty: false };

export const plan: PlanDocument = {
  schema: "millrace/plan/v1",
  id: "7f3c2a90b1d4e5f6",
  environment: "prod",
  as_of: "2026-11-22T05:58:10.000Z",
  created_at: "2026-11-22T05:58:12.000Z",
  expires_at: "2026-11-23T05:58:12.000Z",
  git,
  bases: { high_value_to_klaviyo: 12, high_value_to_meta: 1182, openers_to_meta: 7 },
  changes: true,
  audiences: [
    { name: "high_value", before: 18_204, now: 23_911, enter: 6_020, leave: 313, why_selected: ["file changed: models/audiences/high_value.yml"] },
    { name: "openers", before: 91_377, now: 91_377, enter: 0, leave: 0, why_selected: [] },
  ],
  syncs: [
    {
      sync: "high_value_to_klaviyo",
      destination: "klaviyo",
      object: "list",
      mode: "mirror",
      status: "stopped",
      planned: { add: 0, update: 0, remove: 17_000 },
      skipped: [],
      in_doubt: 0,
      retrying: 0,
      remapped: 0,
      requests_estimate: 17,
      guards: [{ code: "G2", name: "shrink", ok: false, value: 0.934, limit: 0.2, message: "now 1,204 people, last sync 18,204 (-93.4 %), limit -20 %" }],
      cost: null,
      sample: [],
      error: null,
    },
    {
      sync: "high_value_to_meta",
      destination: "meta_ads",
      object: "audience",
      mode: "mirror",
      status: "changes",
      planned: { add: 6_020, update: 0, remove: 313 },
      skipped: [
        { reason: "no_consent", count: 98 },
        { reason: "no_identifier", count: 14 },
      ],
      in_doubt: 2,
      retrying: 0,
      remapped: 0,
      requests_estimate: 2,
      guards: [{ code: "G3", name: "growth", ok: true, value: 0.314, limit: 0.5, message: "grew 31.4 % (limit 50 %)" }],
      cost: null,
      sample: [{ op: "add", person: "9f8e7d6c5b4a", identifiers: { email: "m•••@example.com" }, fields: { country: "FR" }, because: "lifetime_value is at least 400" }],
      error: null,
    },
    {
      sync: "openers_to_meta",
      destination: "meta_ads",
      object: "audience",
      mode: "mirror",
      status: "unchanged",
      planned: { add: 0, update: 0, remove: 0 },
      skipped: [],
      in_doubt: 0,
      retrying: 0,
      remapped: 0,
      requests_estimate: 0,
      guards: [],
      cost: null,
      sample: [],
      error: null,
    },
  ],
  diagnostics: [{ code: "W310", severity: "warning", message: 'destination "x" is used by no sync', at: { file: "destinations/x.yml", line: 1, column: 1 } }],
};

const nothing = { accepted: 0, rejected: 0, deferred: 0, skipped: 0, unsent: 0, unknown: 0 };

export const run: RunDocument = {
  schema: "millrace/run/v1",
  run_id: "2026-11-22T06-00-01Z-9d1f",
  environment: "prod",
  status: "partial",
  exit: 4,
  plan: "7f3c2a90b1d4e5f6",
  started_at: "2026-11-22T06:00:01.000Z",
  finished_at: "2026-11-22T06:00:47.000Z",
  git,
  actor: "ci@runner-12",
  syncs: [
    {
      sync: "churn_to_braze",
      status: "failed",
      planned: { add: 5, update: 0, remove: 0 },
      outcomes: { ...nothing, unsent: 5 },
      accepted: { add: 0, update: 0, remove: 0 },
      requests: 1,
      duration_ms: 400,
      rejections: [],
      guards: [],
      error: { code: "E801", severity: "error", message: "401 Unauthorized", hint: "the key in BRAZE_KEY was refused" },
    },
    {
      sync: "high_value_to_klaviyo",
      status: "partial",
      planned: { add: 6_020, update: 204, remove: 0 },
      outcomes: { ...nothing, accepted: 6_215, rejected: 9 },
      accepted: { add: 6_011, update: 204, remove: 0 },
      requests: 63,
      duration_ms: 42_000,
      rejections: [{ code: "R12", message: "invalid phone number", count: 9 }],
      guards: [],
      error: null,
    },
    {
      sync: "openers_to_meta",
      status: "unchanged",
      planned: { add: 0, update: 0, remove: 0 },
      outcomes: nothing,
      accepted: { add: 0, update: 0, remove: 0 },
      requests: 0,
      duration_ms: 0,
      rejections: [],
      guards: [],
      error: null,
    },
  ],
  overrides: [{ guard: "G3", sync: "high_value_to_klaviyo", reason: "campaign", actor: "ci@runner-12" }],
};

export const status: StatusDocument = {
  schema: "millrace/status/v1",
  environment: "prod",
  at: "2026-11-22T06:05:00.000Z",
  git,
  last_run: { run_id: "9d1f", status: "ok", finished_at: "2026-11-22T06:00:00.000Z" },
  syncs: [
    { sync: "churn_to_braze", source: "churn", destination: "braze", state: "failed", last_ok_at: "2026-11-20T06:05:00.000Z", next_at: "2026-11-22T07:00:00.000Z", people: 4_410, people_7d: [4_400, 4_400, 4_410, null, null], rejected: 4_410, error: "401 Unauthorized", paused_until: null },
    { sync: "high_value_to_meta", source: "high_value", destination: "meta_ads", state: "ok", last_ok_at: "2026-11-22T06:00:00.000Z", next_at: "2026-11-23T06:00:00.000Z", people: 23_911, people_7d: [18_204, 18_300, 23_911], rejected: 0, error: null, paused_until: null },
    { sync: "vip_to_google", source: "vip", destination: "google_ads", state: "paused", last_ok_at: null, next_at: null, people: null, people_7d: [], rejected: 0, error: null, paused_until: "2026-12-01" },
  ],
};

export const explanation: ExplainDocument = {
  schema: "millrace/explain/v1",
  environment: "prod",
  as_of: "2026-11-22T06:00:00.000Z",
  person: "9f8e7d6c5b4a",
  model: "customers",
  identifiers: { email: "m•••@example.com" },
  audiences: [
    {
      audience: "high_value",
      member: false,
      rules: {
        rule: "all of",
        holds: false,
        found: null,
        children: [
          { rule: "country is FR", holds: true, found: "country = FR", children: [] },
          { rule: "lifetime value is at least 400", holds: false, found: "lifetime_value = 381.50", children: [] },
          { rule: "in segment openers", holds: null, found: null, children: [] },
        ],
      },
      trace: [],
      excluded_by: null,
      history: [{ at: "2026-09-14T06:00:00.000Z", event: "enter", run_id: "51aa", commit: "4a11c09000" }],
    },
    { audience: "written", member: false, rules: null, trace: [{ step: "base", present: true }, { step: "with_consent", present: false }], excluded_by: null, history: [] },
  ],
  destinations: [
    { sync: "high_value_to_meta", destination: "meta_ads", object: "audience", state: "ok", remote_id: null, identifiers: { email: "sha256:9f8e…" }, sent_at: "2026-09-14T06:00:00.000Z", run_id: "51aa", rejection: null, history: [] },
  ],
};

export const tests: readonly TestResult[] = [
  { kind: "unit", name: "customers › refunds are taken out", subject: "customers", status: "failed", message: "1 row differs (key customer_id)", detail: ["customer_id │ lifetime_value", "2           │ expected 80, actual 100"], at: { file: "models/customers.yml", line: 31, column: 5 }, sql: "select 1", durationMs: 12 },
  { kind: "data", name: "customers.email › unique", subject: "customers", status: "warned", message: "42 duplicate values (limit 0)", detail: [], failures: 42, durationMs: 7 },
  { kind: "data", name: "customers.customer_id › not_null", subject: "customers", status: "passed", message: "", detail: [], durationMs: 3 },
  { kind: "audience", name: "high_value › size", subject: "high_value", status: "skipped", message: "the model failed", detail: [], durationMs: 0 },
];
