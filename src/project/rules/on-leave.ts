import type { ObjectSpec } from "../../destination/index.ts";
import type { SyncSpec } from "../project.ts";
import { objectOf } from "../sync-shape.ts";
import { report, type ValidationRule } from "./rule.ts";

/** An on_leave that the mode or the object does not allow (decision 5). */
export const onLeave: ValidationRule = {
  code: "E208",
  severity: "error",
  *check({ project }) {
    for (const { spec, at } of project.syncs.values()) {
      const object = objectOf(project, spec);
      const problem = object === null ? null : problemOf(spec, object);
      if (problem)
        yield report(
          onLeave,
          problem.message,
          spec.on_leave === undefined ? at(["mode"]) : at(["on_leave"]),
          problem.hint,
        );
    }
  },
  valid: {
    "models/more.yml":
      "syncs:\n  - { name: again, model: customers, destination: crm, object: record, mode: mirror, on_leave: delete }",
  },
  invalid: {
    "models/more.yml": "syncs:\n  - { name: again, model: customers, destination: crm, object: record, mode: mirror }",
  },
};

function problemOf(spec: SyncSpec, object: ObjectSpec): { readonly message: string; readonly hint?: string } | null {
  const { mode } = spec;
  // What mirror does by itself to a membership, where nothing else is said, is held to the same.
  const leave = spec.on_leave ?? (mode === "mirror" && object.kind === "membership" ? "remove" : undefined);
  if (leave === undefined)
    return mode === "mirror" && object.kind === "record"
      ? {
          message: `mirror of records needs on_leave: what happens to the record of who leaves`,
          hint: "on_leave: keep, delete, or { set: { field: value } }",
        }
      : null;
  const word = typeof leave === "string" ? leave : "set";
  if (mode === "append" || mode === "remove")
    return { message: `mode ${mode} has no on_leave: nothing happens to who leaves` };
  if (mode === "add" && word !== "keep") return { message: `mode add only adds: on_leave can only be keep` };
  if (mode === "update" && word !== "keep" && word !== "set")
    return { message: `mode update only updates: on_leave can be keep or { set: { … } }` };
  if (word === "remove" && object.kind === "record")
    return {
      message: `on_leave: remove takes people out of a membership; ${spec.object} is a record`,
      hint: "keep, delete, or { set: { field: value } }",
    };
  if (word === "delete" && object.kind !== "record")
    return {
      message: `on_leave: delete archives records; ${spec.object} is a ${object.kind}`,
      hint: "on_leave: remove",
    };
  if (word === "set" && (object.kind !== "record" || !object.ops.includes("update")))
    return { message: `on_leave: set needs a record that can be updated; ${spec.object} is not` };
  if ((word === "remove" || word === "delete") && !object.ops.includes("remove"))
    return {
      message: `on_leave: ${word} needs remove, and ${spec.object} of "${spec.destination}" cannot remove`,
      hint: "on_leave: keep",
    };
  return null;
}
