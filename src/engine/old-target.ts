/** The target that a ledger speaks of, reached through the project of today, which may name another one (R31). */
import type { Json } from "../core.ts";
import { failure, type MillraceError } from "../errors.ts";
import type { SyncState } from "../ledger/state.ts";
import { wordsOf } from "../ledger/words.ts";
import { isReal } from "../project/rules/real-destinations.ts";
import type { DestinationResource, Project, Resource, SyncSpec } from "../project/project.ts";
import type { Dialect } from "../warehouse/warehouse.ts";
import { objectOf } from "./account.ts";
import { accountOf, readTarget, transportOf, type Target } from "./target.ts";

export interface OldTarget {
  readonly target: Target;
  /** Lends its credentials and its way to the platform. */
  readonly destination: DestinationResource;
}

/**
 * The destination through which the target of a sync's ledger is emptied. E597 where there is none, where what stands
 * there cannot be taken away again, or where the sync never was to take it away.
 */
export function oldTargetOf(project: Project, sync: Resource<SyncSpec>, state: SyncState): OldTarget {
  const target = readTarget(state.target);
  const destination = wayTo(project, sync, target);
  const { name, prod, allowRealDestinations } = project.environment;
  if (isReal(destination) && !prod && !allowRealDestinations) {
    throw refused(sync.name, `it is real, and the environment "${name}" may not write to it`);
  }
  const object = objectOf(destination, target.object);
  if (object === undefined) throw refused(sync.name, `${target.type} has no object "${target.object}" any more`);
  if (object.kind === "event") throw refused(sync.name, "events that were sent cannot be taken back");
  if (sync.spec.mode === "remove") throw refused(sync.name, "mode remove puts nobody there");
  if (object.needs === "members" && object.settles !== "run")
    throw refused(sync.name, "a snapshot is replaced as a whole, nobody is taken out of it");
  if (object.kind === "record" && sync.spec.on_leave !== "delete") {
    throw refused(sync.name, "its records are not the sync's to delete: `on_leave` does not say delete");
  }
  return { target, destination };
}

/** A destination of exactly that account, else the sync's own with the account laid over it. */
function wayTo(project: Project, sync: Resource<SyncSpec>, target: Target): DestinationResource {
  const own = project.destinations.get(sync.spec.destination);
  const ours = own === undefined ? [] : [own];
  const account = JSON.stringify(target.account);
  const same = [...ours, ...project.destinations.values()].find(
    (one) => one.spec.type === target.type && JSON.stringify(accountOf(one)) === account,
  );
  const way = same ?? ours.find(({ spec }) => spec.type === target.type);
  if (way === undefined) {
    throw refused(
      sync.name,
      `no destination of the project is of type ${target.type}`,
      `write a destinations/NAME.yml of that type with config: ${account} and its credentials (no sync needs it), then run the command again`,
    );
  }
  const config: Readonly<Record<string, Json>> = { ...transportOf(way), ...target.account };
  return { ...way, outbox: target.outbox, spec: { ...way.spec, config } };
}

function refused(sync: string, why: string, hint?: string): MillraceError {
  return failure("E597", `the old target of sync "${sync}" cannot be emptied: ${why}`, {
    hint: hint ?? `to leave there what is there: millrace state retarget ${sync} --abandon --reason TEXT`,
  });
}

/**
 * The project as a run needs it to take everybody out: one sync, as its ledger knows it, over a model that gives nobody.
 * Nothing else of the project is read, so that a broken model is no hindrance.
 */
export function emptyingProject(
  dialect: Dialect,
  project: Project,
  sync: Resource<SyncSpec>,
  { target, destination }: OldTarget,
  ledger: { readonly keyFamilies: readonly string[]; readonly kinds: readonly string[] },
): Project {
  const keys = ledger.keyFamilies.map((family, index) => [`key_${index + 1}`, keyType(dialect, family)] as const);
  const identifiers = ledger.kinds.map((kind, index) => [kind, `identifier_${index + 1}`] as const);
  const columns = [...keys, ...identifiers.map(([, column]) => [column, dialect.columnType("text")] as const)];
  const nulls = columns.map(([name, type]) => `CAST(NULL AS ${type}) AS ${name}`);
  const model = {
    name: nobody,
    file: sync.file,
    at: () => sync.at(),
    sqlFile: sync.file,
    sql: `select ${nulls.join(", ")} from ${wordsOf(dialect).oneRow} one where false`,
    spec: {
      name: nobody,
      materialize: "inline",
      primary_key: keys.map(([name]) => name),
      identifiers: {},
      columns: [],
      data_tests: [],
      null_keys: 0,
      tags: [],
      meta: {},
    },
  } as const;
  const kind = destination.definition.objects[target.object]?.kind;
  const spec: SyncSpec = {
    name: sync.name,
    model: nobody,
    destination: destination.name,
    object: target.object,
    remote: { ...target.remote, create: false },
    mode: "mirror",
    on_leave: kind === "record" ? "delete" : "remove",
    initial: "backfill",
    on_mapping_change: "backfill",
    status: "active",
    identifiers: Object.fromEntries(identifiers.map(([name, from]) => [name, { from }])),
    mappings: [],
    nulls: "omit",
    after: [],
    rejected_rows: sync.spec.rejected_rows,
    guards: {},
    adopt: false,
    tags: [],
    meta: {},
  };
  return {
    ...project,
    sources: new Map(),
    seeds: new Map(),
    models: new Map([[nobody, model]]),
    segments: new Map(),
    audiences: new Map(),
    syncs: new Map([[sync.name, { ...sync, spec }]]),
    destinations: new Map([[destination.name, destination]]),
    unitTests: [],
    sqlTests: [],
  };
}

const nobody = "nobody";

/** Integers and booleans travel as another JSON than text. */
const keyType = (dialect: Dialect, family: string): string =>
  dialect.columnType(family === "integer" || family === "boolean" ? family : "text");
