import type { z } from "zod";
import { exitCodes, failure } from "../errors.ts";
import { builtInTypes } from "../project/destinations.ts";
import { didYouMean, quoteText } from "../project/suggest.ts";
import type { CommandContext } from "./command.ts";
import { describeType } from "./describe-type.ts";
import type { destinationsSchema } from "./schemas/world.ts";
import { openProject } from "./session.ts";
import { table } from "./table.ts";
import type { Paint } from "./terminal.ts";

type DestinationsDocument = z.output<typeof destinationsSchema>;

/** The built-in types (or `only` one) and what each object can do; with a project also its accounts. */
export async function destinationsDocument(
  context: CommandContext,
  typesOnly: boolean,
  only?: string,
): Promise<DestinationsDocument> {
  const opened = typesOnly ? null : await openProject(context, { loadCode: false });
  const types = await Promise.all(
    builtInTypes().flatMap((type) => (only === undefined || only === type ? describeType(type) : [])),
  );
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

/** The type of that name, or of the project's destination of that name. E020 where there is neither. */
export async function typeNamed(context: CommandContext, name: string): Promise<string> {
  const types = builtInTypes();
  if (types.includes(name)) return name;
  const { project } = await openProject(context, { loadCode: false });
  const type = project.destinations.get(name)?.spec.type;
  if (type !== undefined && types.includes(type)) return type;
  const hint = didYouMean(name, [...types, ...project.destinations.keys()], "there are");
  throw failure("E020", `no destination or type is called ${quoteText(name)}`, {
    exit: exitCodes.usage,
    ...(hint === undefined ? {} : { hint }),
  });
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
