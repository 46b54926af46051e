import { z } from "zod";
import { objectOf } from "../sync-shape.ts";
import { builtInTypes } from "../destinations.ts";
import { didYouMean, quoteText } from "../suggest.ts";
import { report, type ValidationRule } from "./rule.ts";

/** Keys every object understands that has a target of its own. */
const always = ["name", "id", "create"] as const;

/** `remote:` says what the object understands, in the form it takes; users' own code that declares no keys takes any. */
export const remoteKeys: ValidationRule = {
  code: "E217",
  severity: "error",
  *check({ project }) {
    for (const { spec, at } of project.syncs.values()) {
      const object = objectOf(project, spec);
      const type = project.destinations.get(spec.destination)?.spec.type ?? "";
      if (object === null || (object.remote === undefined && !builtInTypes().includes(type))) continue;
      const own = object.remote ?? z.object({});
      const known = [...always, ...Object.keys(own.shape)];
      for (const key of Object.keys(spec.remote)) {
        if (known.includes(key)) continue;
        const message = `${spec.object} of "${spec.destination}" has no remote key ${quoteText(key)}`;
        yield report(remoteKeys, message, at(["remote", key], "key"), didYouMean(key, known, "it takes"));
      }
      const parsed = z.object(own.shape).safeParse(spec.remote);
      for (const { path, message } of parsed.error?.issues ?? []) {
        const [key = ""] = path;
        const absent = !Object.hasOwn(spec.remote, key);
        yield report(
          remoteKeys,
          absent
            ? `${spec.object} of "${spec.destination}" needs remote: { ${String(key)} }`
            : `remote.${String(key)}: ${message}`,
          absent ? at(["object"]) : at(["remote", String(key)]),
        );
      }
    }
  },
  valid: {
    "models/more.yml":
      "syncs:\n  - { name: b, model: customers, destination: crm, object: member, mode: mirror, remote: { name: B } }",
  },
  invalid: {
    "models/more.yml":
      "syncs:\n  - { name: b, model: customers, destination: crm, object: member, mode: mirror, remote: { nmae: B } }",
  },
};
