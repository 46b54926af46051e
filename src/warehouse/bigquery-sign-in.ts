/** What Google says to somebody who could not sign in, by the shapes of google-auth-library 10 and gaxios 7. */

/** What the client's error tells of it. */
export interface SignInTold {
  readonly code?: number | string;
  readonly message?: string;
  readonly response?: { readonly data?: unknown };
  /** What the API itself says; absent where its client did not come so far. */
  readonly errors?: readonly unknown[];
}

export interface SignInProblem {
  readonly code: "E721" | "E722" | "E723" | "E730" | "E731";
  readonly message: string;
  readonly hint: string;
}

const newKey = "make a new key for the service account and put it where `connection.credentials` reads it";
const again = "sign in anew: `gcloud auth application-default login`";

/** Google's descriptions of `invalid_grant`, which says little by itself. */
const grants: readonly (readonly [RegExp, string, string])[] = [
  [/invalid jwt signature/i, "the key was deleted, or is another service account's", newKey],
  [/account not found|account.*(deleted|disabled)/i, "the key's service account was deleted or disabled", newKey],
  [
    /short-lived token|reasonable timeframe|\biat\b/i,
    "this machine's clock is wrong",
    "set the clock: a login is signed with its time",
  ],
  [/expired or revoked|invalid_rapt|reauth/i, "the sign-in of this machine has expired", again],
];

/** The problem in one line, or null for an error that is about something else. Nothing of a key or token is in it. */
export function signInProblem(told: SignInTold): SignInProblem | null {
  return told.errors === undefined ? beforeTheApi(told) : byTheApi(told.message ?? "");
}

function beforeTheApi(told: SignInTold): SignInProblem | null {
  const text = told.message ?? "";
  const { error, error_description: description = "" } = (told.response?.data ?? {}) as Readonly<
    Record<string, unknown>
  >;
  const oauth =
    typeof error === "string" ? error : /\b(invalid_grant|invalid_client|unauthorized_client)\b/.exec(text)?.[1];
  if (oauth !== undefined) {
    const words = `${String(description)} ${text}`;
    const [, cause, hint] = grants.find(([form]) => form.test(words)) ?? [];
    return {
      code: "E723",
      message: `Google refuses the sign-in: ${cause ?? oauth}`,
      hint: hint ?? `${again}, or check the service account's key`,
    };
  }
  if (text.includes("unable to impersonate"))
    return {
      code: "E731",
      message: /not.found/i.test(text)
        ? "the service account of `connection.impersonate` does not exist"
        : "the service account of `connection.impersonate` may not be acted for",
      hint: "give who signs in the role roles/iam.serviceAccountTokenCreator on that service account: `millrace grants` has the line",
    };
  if (text.includes("GOOGLE_APPLICATION_CREDENTIALS"))
    return {
      code: "E723",
      message: "the file that the variable GOOGLE_APPLICATION_CREDENTIALS names cannot be read",
      hint: "correct or unset the variable, or name the key by `connection.credentials`",
    };
  if (/could not load the default credentials/i.test(text))
    return {
      code: "E723",
      message: "nobody is signed in to Google Cloud on this machine",
      hint: "`gcloud auth application-default login`, or name a service account's key by `connection.credentials`",
    };
  if (/client_email|DECODER routines|ERR_OSSL|invalid private key/i.test(`${text} ${told.code}`))
    return {
      code: "E730",
      message: "connection.credentials of BigQuery is no key that Google's client can read",
      hint: newKey,
    };
  return null;
}

function byTheApi(text: string): SignInProblem | null {
  if (/has not been used in project|API.*is disabled/i.test(text))
    return {
      code: "E721",
      message: "the BigQuery API is not enabled in the project",
      hint: "`gcloud services enable bigquery.googleapis.com`, for the project of `connection.project`",
    };
  const project = /^Not found: Project (\S{1,60})/i.exec(text)?.[1];
  if (project !== undefined)
    return {
      code: "E722",
      message: `there is no project ${project}, or the account may not see it`,
      hint: "check `connection.project`: the id of a project, not its name or number",
    };
  return null;
}
