import type { Mode, ObjectKind, Op } from "../../core.ts";
import type { ObjectSpec } from "../../destination/index.ts";
import { objectOf } from "../sync-shape.ts";
import { report, type ValidationRule } from "./rule.ts";

/** Modes by kind of object (decision 5), and the operation each rests on. */
const modes: Readonly<Record<Mode, { readonly kinds: readonly ObjectKind[]; readonly op: Op }>> = {
  mirror: { kinds: ["membership", "record"], op: "add" },
  upsert: { kinds: ["membership", "record"], op: "add" },
  add: { kinds: ["membership", "record"], op: "add" },
  update: { kinds: ["record"], op: "update" },
  remove: { kinds: ["membership", "record"], op: "remove" },
  append: { kinds: ["event"], op: "add" },
};

/** The modes an object can be kept in. */
export const modesOf = (object: Pick<ObjectSpec, "kind" | "ops">): readonly Mode[] =>
  (Object.keys(modes) as Mode[]).filter(
    (mode) => modes[mode].kinds.includes(object.kind) && object.ops.includes(modes[mode].op),
  );

/** A mode that the object cannot be kept in. */
export const modeMatrix: ValidationRule = {
  code: "E207",
  severity: "error",
  *check({ project }) {
    for (const { spec, at } of project.syncs.values()) {
      const object = objectOf(project, spec);
      if (object === null) continue;
      const { kinds, op } = modes[spec.mode];
      const hint = `possible here: ${modesOf(object).join(", ")}`;
      if (!kinds.includes(object.kind))
        yield report(
          modeMatrix,
          `mode ${spec.mode} does not fit ${spec.object}, which is ${article[object.kind]}`,
          at(["mode"]),
          hint,
        );
      else if (!object.ops.includes(op))
        yield report(
          modeMatrix,
          `mode ${spec.mode} needs ${op}, and ${spec.object} of "${spec.destination}" cannot ${op}`,
          at(["mode"]),
          hint,
        );
    }
  },
  valid: {
    "models/more.yml": "syncs:\n  - { name: again, model: customers, destination: crm, object: record, mode: upsert }",
  },
  invalid: {
    "models/more.yml": "syncs:\n  - { name: again, model: customers, destination: crm, object: record, mode: append }",
  },
};

const article: Readonly<Record<ObjectKind, string>> = {
  membership: "a membership",
  record: "a record",
  event: "an event",
};
