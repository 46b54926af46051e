/** `plan --against FILE`: how today's plan differs from one that was written down before. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { z } from "zod";
import type { OpCounts, PlanDocument } from "../core.ts";
import type { CommandContext } from "./command.ts";
import { signed } from "./figures.ts";
import type { againstSchema } from "./schemas/plan.ts";
import { table } from "./table.ts";
import type { Paint } from "./terminal.ts";
import { usage } from "./usage.ts";

export type Against = z.output<typeof againstSchema>;

/** Reads a plan's JSON: what `plan -o` or `plan --json` wrote. E004 without such a file. */
export async function readPlanFile(context: CommandContext, flag: string, file: string): Promise<PlanDocument> {
  const text = await readFile(resolve(context.folder, file), "utf8").catch(() => null);
  if (text === null) throw usage(`${flag}: there is no file ${JSON.stringify(file)}`, undefined, "E004");
  const { planSchema } = await import("./schemas/plan.ts");
  const { success, data } = planSchema.safeParse(parsed(text));
  if (success) return data as PlanDocument;
  throw usage(
    `${flag}: ${JSON.stringify(file)} is not a plan of millrace`,
    "name a file that `millrace plan -o FILE` or `millrace plan --json` wrote",
    "E004",
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Every audience and sync of either plan, sorted by name. */
export function compare(now: PlanDocument, then: PlanDocument): Against {
  const names = <Item>(of: (plan: PlanDocument) => readonly Item[], name: (item: Item) => string): readonly string[] =>
    [...new Set([...of(now), ...of(then)].map(name))].toSorted();
  const audience = (plan: PlanDocument, name: string) => plan.audiences.find((one) => one.name === name);
  const sync = (plan: PlanDocument, name: string) => plan.syncs.find((one) => one.sync === name);
  return {
    id: then.id,
    created_at: then.created_at,
    audiences: names(
      (plan) => plan.audiences,
      (one) => one.name,
    ).map((name) => {
      const [after, before] = [audience(now, name), audience(then, name)];
      const moved = (of: "now" | "enter" | "leave"): number => (after?.[of] ?? 0) - (before?.[of] ?? 0);
      return { name, now: moved("now"), enter: moved("enter"), leave: moved("leave") };
    }),
    syncs: names(
      (plan) => plan.syncs,
      (one) => one.sync,
    ).map((name) => {
      const [after, before] = [sync(now, name), sync(then, name)];
      const moved = (of: keyof OpCounts): number => (after?.planned[of] ?? 0) - (before?.planned[of] ?? 0);
      const planned = { add: moved("add"), update: moved("update"), remove: moved("remove") };
      return { sync: name, status: { before: before?.status ?? null, now: after?.status ?? null }, planned };
    }),
  };
}

export function againstLines(against: Against, paint: Paint): readonly string[] {
  const title = `Against plan ${against.id.slice(0, 6)} of ${against.created_at}`;
  const audiences = against.audiences.filter(({ now, enter, leave }) => now !== 0 || enter !== 0 || leave !== 0);
  const syncs = against.syncs.filter(
    ({ status, planned }) => status.before !== status.now || Object.values(planned).some((rows) => rows !== 0),
  );
  if (audiences.length + syncs.length === 0) return [`${title}: the same.`];
  const right = (name: string) => ({ title: name, align: "right" as const });
  const tables = [
    audiences.length === 0
      ? []
      : table(
          [{ title: "  audience" }, right("now"), right("enter"), right("leave")],
          audiences.map((one) => [`  ${one.name}`, signed(one.now), signed(one.enter), signed(one.leave)]),
        ),
    syncs.length === 0
      ? []
      : table(
          [{ title: "  sync" }, right("add"), right("update"), right("remove"), { title: "" }],
          syncs.map(({ sync, status, planned }) => [
            `  ${sync}`,
            signed(planned.add),
            signed(planned.update),
            signed(planned.remove),
            status.before === status.now ? "" : `${status.before ?? "not planned"} -> ${status.now ?? "not planned"}`,
          ]),
        ),
  ];
  return [paint("bold", `${title}, what is different:`), ...tables.flat()];
}
