/** Errors as @google-cloud/bigquery 8.3 with google-auth-library 10.9 throws them, recorded against a server that answers as Google does. */
import { expect, it, test } from "vitest";
import { bigqueryError } from "../../src/warehouse/bigquery-error.ts";

const secret = "ya29.invented-token";

/** A GaxiosError: what was asked and answered hangs on it. */
function gaxios(status: number, message: string, data: unknown): Error {
  const config = { url: "https://oauth2.googleapis.com/token", headers: { authorization: `Bearer ${secret}` } };
  return Object.assign(new Error(message), { code: status, status, config, response: { status, data, config } });
}
const grant = (description: string, message = `invalid_grant: ${description}`): Error =>
  gaxios(400, message, { error: "invalid_grant", error_description: description });
const api = (code: number, reason: string, message: string): Error =>
  Object.assign(new Error(message), { code, errors: [{ message, domain: "global", reason }] });

test.each<[string, Error, string, RegExp]>([
  [
    "a key that was deleted",
    grant("Invalid JWT Signature."),
    "E723: Google refuses the sign-in: the key was deleted, or is another service account's",
    /make a new key/,
  ],
  [
    "an account that was deleted",
    grant("Invalid grant: account not found"),
    "E723: Google refuses the sign-in: the key's service account was deleted or disabled",
    /make a new key/,
  ],
  [
    "a clock that is wrong",
    grant(
      "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
    ),
    "E723: Google refuses the sign-in: this machine's clock is wrong",
    /set the clock/,
  ],
  [
    "a user's sign-in that has expired",
    grant("Token has been expired or revoked.", "invalid_grant"),
    "E723: Google refuses the sign-in: the sign-in of this machine has expired",
    /gcloud auth application-default login/,
  ],
  [
    "a company that asks to sign in anew",
    grant(
      "reauth related error (invalid_rapt)",
      '{"error":"invalid_grant","error_description":"reauth related error (invalid_rapt)","error_subtype":"invalid_rapt"}',
    ),
    "E723: Google refuses the sign-in: the sign-in of this machine has expired",
    /gcloud auth application-default login/,
  ],
  [
    "another refusal",
    gaxios(401, "invalid_client: The OAuth client was not found.", { error: "invalid_client" }),
    "E723: Google refuses the sign-in: invalid_client",
    /sign in anew/,
  ],
  [
    "nobody signed in",
    new Error(
      "Could not load the default credentials. Browse to https://cloud.google.com/docs/authentication/getting-started for more information.",
    ),
    "E723: nobody is signed in to Google Cloud on this machine",
    /connection\.credentials/,
  ],
  [
    "a variable that names no file",
    Object.assign(
      new Error(
        "Unable to read the credential file specified by the GOOGLE_APPLICATION_CREDENTIALS environment variable: The file at /srv/key.json does not exist, or it is not a file. ENOENT: no such file or directory, lstat '/srv/key.json'",
      ),
      { code: "ENOENT" },
    ),
    "E723: the file that the variable GOOGLE_APPLICATION_CREDENTIALS names cannot be read",
    /correct or unset/,
  ],
  [
    "no right to act for an account",
    gaxios(
      403,
      "Could not refresh access token: PERMISSION_DENIED: unable to impersonate: Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
      { error: { code: 403, status: "PERMISSION_DENIED" } },
    ),
    "E731: the service account of `connection.impersonate` may not be acted for",
    /serviceAccountTokenCreator/,
  ],
  [
    "an account to act for that is not there",
    gaxios(
      404,
      "Could not refresh access token: NOT_FOUND: unable to impersonate: Not found; Gaia id not found for email ledger@acme.iam.gserviceaccount.com",
      { error: { code: 404, status: "NOT_FOUND" } },
    ),
    "E731: the service account of `connection.impersonate` does not exist",
    /serviceAccountTokenCreator/,
  ],
  [
    "a key that may act for another account, and was deleted",
    grant("Invalid JWT Signature.", "unable to impersonate: Error: invalid_grant: Invalid JWT Signature."),
    "E723: Google refuses the sign-in: the key was deleted, or is another service account's",
    /make a new key/,
  ],
  [
    "a key that OpenSSL does not read",
    Object.assign(new Error("error:1E08010C:DECODER routines::unsupported"), { code: "ERR_OSSL_UNSUPPORTED" }),
    "E730: connection.credentials of BigQuery is no key that Google's client can read",
    /make a new key/,
  ],
  [
    "a project that is not there",
    api(404, "notFound", "Not found: Project acme-dhw"),
    "E722: there is no project acme-dhw, or the account may not see it",
    /connection\.project/,
  ],
  [
    "a project without the API",
    api(
      403,
      "accessNotConfigured",
      "BigQuery API has not been used in project 123 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/bigquery.googleapis.com/overview?project=123 then retry.",
    ),
    "E721: the BigQuery API is not enabled in the project",
    /gcloud services enable/,
  ],
  [
    "no right to run statements",
    api(
      403,
      "accessDenied",
      "Access Denied: Project acme: User does not have bigquery.jobs.create permission in project acme.",
    ),
    "E721: Access Denied: Project acme: User does not have bigquery.jobs.create permission in project acme.",
    /millrace grants/,
  ],
])("%s", (_, thrown, message, hint) => {
  const error = bigqueryError(thrown);
  expect(error.message).toBe(message);
  expect(error.diagnostics[0]?.hint).toMatch(hint);
});

it("keeps nothing of the request on the cause", () => {
  const { cause } = bigqueryError(grant("Invalid JWT Signature."));
  expect(Object.keys(cause as Error).toSorted()).toEqual(["code"]);
  expect((cause as Error).message).toBe("invalid_grant: Invalid JWT Signature.");
});

it("does not take a column of a user's for the words of a sign-in", () => {
  const error = bigqueryError(api(400, "invalidQuery", "Unrecognized name: client_email at [1:8]"));
  expect(error.message).toBe("E720: Unrecognized name: client_email at [1:8]");
});
