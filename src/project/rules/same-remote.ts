import { objectOf } from "../sync-shape.ts";
import { report, type ValidationRule } from "./rule.ts";

/** Two syncs that keep one membership at the destination: each would undo the other. */
export const sameRemote: ValidationRule = {
  code: "E212",
  severity: "error",
  *check({ project }) {
    const first = new Map<string, string>();
    for (const { name, spec, at } of project.syncs.values()) {
      if (objectOf(project, spec)?.kind !== "membership") continue;
      const { name: remoteName, id } = spec.remote;
      if (remoteName === undefined && id === undefined) continue;
      const key = JSON.stringify([spec.destination, spec.object, id ?? null, id === undefined ? remoteName : null]);
      const rival = first.get(key);
      if (rival === undefined) first.set(key, name);
      else
        yield report(
          sameRemote,
          `sync "${name}" keeps the same ${spec.object} as "${rival}": each would undo the other`,
          at(["remote"]),
          "give each its own remote: { name: … }",
        );
    }
  },
  valid: {
    "models/more.yml":
      "syncs:\n  - { name: b, model: customers, destination: crm, object: member, mode: mirror, remote: { name: B } }\n  - { name: c, model: customers, destination: crm, object: member, mode: mirror, remote: { name: C } }",
  },
  invalid: {
    "models/more.yml":
      "syncs:\n  - { name: b, model: customers, destination: crm, object: member, mode: mirror, remote: { name: B } }\n  - { name: c, model: customers, destination: crm, object: member, mode: mirror, remote: { name: B } }",
  },
};
