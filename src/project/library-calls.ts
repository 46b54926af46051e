/** Calls of the library as models of the project: what a call reads, its tests and its hash are then those of any model. */
import type { Location } from "../core.ts";
import { libraryModel } from "./library.ts";
import { fill, readArguments, type ArgumentProblem, type ReadArguments } from "./library-arguments.ts";
import type { LibraryUse, ModelResource, Project, Relation } from "./project.ts";
import { modelSchema } from "./schema/models.ts";
import { writtenCalls, type WrittenCall } from "./sql-texts.ts";
import type { Call, Spot } from "./template.ts";

/** A model for each different call, by the name that its ref carries; calls that do not fit are left to the rules. */
export function libraryModels(project: Project): ReadonlyMap<string, ModelResource> {
  const models = new Map<string, ModelResource>();
  for (const written of writtenCalls(project)) {
    const { call } = written;
    if (call.word !== "ref" || models.has(call.name)) continue;
    const model = asModel(written);
    if (model !== null) models.set(call.name, model);
  }
  return models;
}

/** What a library call names as models and tables, with the places; nothing where its arguments do not fit. */
export function relationsOf(call: Call): readonly (Relation & { readonly spot: Spot })[] {
  const read = readCall(call);
  return read === null || "problems" in read ? [] : [...read.relations.values()];
}

/** The arguments of a call, or what is wrong with them; null for a call of anything else than a model of the library. */
export function readCall(call: Call): ReadArguments | { readonly problems: readonly ArgumentProblem[] } | null {
  if (call.word !== "ref" || call.library === undefined) return null;
  const model = libraryModel(call.library.model);
  return model === null ? null : readArguments(model, call.library, call);
}

function asModel({ call, at }: WrittenCall): ModelResource | null {
  const read = readCall(call);
  if (read === null || "problems" in read || call.word !== "ref" || call.library === undefined) return null;
  const model = libraryModel(call.library.model);
  if (model === null) return null;
  const place = at(call);
  return {
    name: call.name,
    spec: {
      ...plainSpec,
      name: call.name,
      description: model.description,
      columns: model.columns.map(({ name, description }) => ({
        name: fill(name, read.texts),
        description,
        data_tests: [],
      })),
    },
    file: place.file,
    at: () => place,
    sql: fill(model.sql, read.texts, read.relations),
    sqlFile: place.file,
    library: { model: model.name, columns: columnsNamed(read, at) },
  };
}

const plainSpec = modelSchema.parse({ name: "library" });

function columnsNamed(read: ReadArguments, at: (spot: Spot) => Location): LibraryUse["columns"] {
  return read.columns.flatMap(({ parameter: { name, of, holds }, column, spot }) =>
    of.flatMap((model) => {
      const relation = read.relations.get(model);
      if (relation === undefined) return [];
      return [{ parameter: name, column, of: relation, at: at(spot), ...(holds === undefined ? {} : { holds }) }];
    }),
  );
}
