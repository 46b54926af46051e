/** How far this disk saw the ledger come: a ledger that is behind it was restored from the past, or is gone (R27). */
import path from "node:path";
import { failure } from "../errors.ts";
import type { SyncState } from "../ledger/state.ts";
import type { Project } from "../project/project.ts";
import type { Ports } from "../ports.ts";

interface Where {
  readonly project: Project;
  readonly ports: Ports;
}

const serialsName = (project: Project): string => path.join(".millrace", `${project.environment.name}.serials.json`);
const serialsFile = (project: Project): string => path.join(project.root, serialsName(project));

/** Remembers the serial of every sync, by internal id, as the ledger has it now. Under the lock. */
export async function keepSerials({ project, ports }: Where, serials: ReadonlyMap<string, number>): Promise<void> {
  await ports.files.writeAtomic(serialsFile(project), JSON.stringify(Object.fromEntries(serials)));
}

/** E512 when a sync's serial is smaller than the one remembered, or the sync is unknown to the ledger. */
export async function checkSerials(
  { project, ports }: Where,
  states: ReadonlyMap<string, Pick<SyncState, "id" | "serial">>,
): Promise<void> {
  const now = new Map([...states.values()].map(({ id, serial }) => [id, serial]));
  for (const [id, seen] of await rememberedSerials({ project, ports })) {
    const serial = now.get(id) ?? 0;
    if (serial >= seen) continue;
    const name = serialsName(project);
    throw failure(
      "E512",
      now.has(id)
        ? `the ledger of sync "${id}" is at plan ${serial}, but ${name} has seen plan ${seen}: it was restored from the past`
        : `the ledger does not know sync "${id}", but ${name} has seen its plan ${seen}: the ledger was deleted or replaced`,
      {
        hint: `bring back the newer ledger file; if it is gone for good, delete ${name}: then what was sent since is forgotten, everybody wanted is sent again and those who left meanwhile stay where they are`,
      },
    );
  }
}

/** A file that cannot be read says nothing: the journal and the ledger's own checks remain. */
async function rememberedSerials({ project, ports }: Where): Promise<readonly (readonly [string, number])[]> {
  const bytes = await ports.files.read(serialsFile(project));
  if (bytes === null) return [];
  try {
    const serials = JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, unknown>;
    return Object.entries(serials).flatMap(([id, serial]) =>
      typeof serial === "number" ? [[id, serial] as const] : [],
    );
  } catch {
    return [];
  }
}
