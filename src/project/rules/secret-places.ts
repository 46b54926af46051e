import { secretReferences } from "../secrets.ts";
import type { Path } from "../yaml.ts";
import { report, type ValidationRule } from "./rule.ts";
import { texts } from "./texts.ts";

/** References to secrets that are malformed, where none may stand, or with a default in credentials (decision 38). */
export const secretPlaces: ValidationRule = {
  code: "E332",
  severity: "error",
  *check({ documents }) {
    for (const document of documents) {
      if (document.file.startsWith("tests/")) continue;
      for (const { value, path } of texts(document)) {
        if (!/\$\{\w[\w-]*:/.test(value) && !(value.includes("${") && allowed(document.file, path))) continue;
        const at = document.at(path);
        if (!allowed(document.file, path))
          yield report(
            secretPlaces,
            `a secret may not stand in ${path.filter((step) => typeof step === "string").join(".")}`,
            at,
            "only in connection, credentials and notifications[].webhook",
          );
        else {
          for (const reference of secretReferences(value)) {
            if ("code" in reference) yield report({ code: reference.code, severity: "error" }, reference.message, at);
            else if (reference.kind === "env" && reference.fallback !== undefined && path.includes("credentials"))
              yield report(
                secretPlaces,
                "credentials take no default: it would be a key in a file",
                at,
                `"\${env:${reference.name}}"`,
              );
          }
        }
      }
    }
  },
  valid: {
    "destinations/crm.yml":
      "destination: crm\ntype: webhook\nconfig: { url: 'https://crm.example.com/hook' }\ncredentials: { secret: '${file:/run/secrets/hook}' }",
  },
  invalid: { "destinations/crm.yml": "destination: crm\ntype: webhook\nconfig: { url: '${env:HOOK_URL}' }" },
};

function allowed(file: string, path: Path): boolean {
  if (file === "millrace.yml")
    return (
      path.includes("connection") ||
      path.includes("credentials") ||
      (path[0] === "notifications" && path[2] === "webhook")
    );
  return file.startsWith("destinations/") && path[0] === "credentials";
}
