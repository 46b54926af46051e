import type { z } from "zod";
import { builtInTypes, loadBuiltIn } from "../project/destinations.ts";
import type { CommandContext } from "./command.ts";
import type { destinationsSchema } from "./schemas/world.ts";
import { openProject } from "./session.ts";
import { table } from "./table.ts";
import type { Paint } from "./terminal.ts";

type DestinationsDocument = z.output<typeof destinationsSchema>;

/** The built-in types and what each object can do; with a project also its accounts. */
export async function destinationsDocument(context: CommandContext, typesOnly: boolean): Promise<DestinationsDocument> {
  const opened = typesOnly ? null : await openProject(context, { loadCode: false });
  const types = await Promise.all(builtInTypes().map(describeType));
  const syncs = [...(opened?.project.syncs.values() ?? [])];
  const configured = [...(opened?.project.destinations.values() ?? [])].map((one) => ({
    destination: one.name,
    type: one.spec.type,
    label: one.spec.label ?? null,
    file: one.file,
    outbox: one.outbox,
    used_by: syncs
      .filter((sync) => sync.spec.destination === one.name)
      .map((sync) => sync.name)
      .toSorted(),
  }));
  return { schema: "millrace/destinations/v1", types, configured };
}

async function describeType(type: string): Promise<DestinationsDocument["types"][number]> {
  const { describe, docs, objects } = await loadBuiltIn(type);
  return {
    type,
    describe,
    docs,
    objects: Object.entries(objects)
      .map(([object, spec]) => ({
        object,
        kind: spec.kind,
        ops: [...spec.ops],
        delivery: spec.delivery,
        identifiers: Object.keys(spec.identifiers).toSorted(),
        rows_per_request: spec.limits.rows,
      }))
      .toSorted((a, b) => (a.object < b.object ? -1 : 1)),
  };
}

export function destinationsText(document: DestinationsDocument, paint: Paint): string {
  const types = document.types.flatMap(({ type, objects }) =>
    objects.map((one) => [type, one.object, one.kind, one.ops.join(" "), one.delivery, one.identifiers.join(" ")]),
  );
  const [head = "", ...lines] = table(
    [
      { title: "type" },
      { title: "object" },
      { title: "kind" },
      { title: "can" },
      { title: "delivery" },
      { title: "identifiers" },
    ],
    types,
  );
  const accounts = document.configured.map((one) => [
    one.destination,
    one.type,
    one.outbox ? "files only, in this environment" : (one.label ?? ""),
    one.used_by.join(" "),
  ]);
  const [accountHead = "", ...accountLines] = table(
    [{ title: "destination" }, { title: "type" }, { title: "label" }, { title: "used by" }],
    accounts,
  );
  return [
    ...(accounts.length === 0 ? [] : [paint("bold", accountHead), ...accountLines, ""]),
    paint("bold", head),
    ...lines,
  ].join("\n");
}
