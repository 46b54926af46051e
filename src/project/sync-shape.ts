/** What a sync sends, worked out of its spec, its model and the destination's object. */
import type { ObjectSpec } from "../destination/index.ts";
import type { IdentifierMapping, ModelResource, Project, SyncSpec } from "./project.ts";

/** The model whose rows a sync sends: its own, or its audience's; undefined while a name is unknown. */
export function modelOf(project: Project, sync: SyncSpec): ModelResource | undefined {
  const model = sync.model ?? project.audiences.get(sync.audience ?? "")?.spec.model;
  return model === undefined ? undefined : project.models.get(model);
}

/** The destination's object; null while the destination, its code or the object is unknown. */
export function objectOf(project: Project, sync: SyncSpec): ObjectSpec | null {
  const destination = project.destinations.get(sync.destination);
  if (!destination?.loaded || !Object.hasOwn(destination.definition.objects, sync.object)) return null;
  return destination.definition.objects[sync.object] ?? null;
}

/** Whether an object takes an identifier kind or a field. */
export const takesIdentifier = (object: ObjectSpec, kind: string): boolean =>
  Object.hasOwn(object.identifiers, kind) || object.openIdentifiers !== undefined;
export const takesField = (object: ObjectSpec, field: string): boolean =>
  Object.hasOwn(object.fields, field) || object.openFields !== undefined;

/** The identifiers sent: the sync's own, else those of the model that the object knows (decision 46). */
export function identifiersOf(
  sync: SyncSpec,
  model: ModelResource | undefined,
  object: ObjectSpec,
): Readonly<Record<string, IdentifierMapping>> {
  if (Object.keys(sync.identifiers).length > 0) return sync.identifiers;
  const known = Object.entries(model?.spec.identifiers ?? {}).filter(([kind]) => takesIdentifier(object, kind));
  return Object.fromEntries(known.map(([kind, from]) => [kind, { from }]));
}
