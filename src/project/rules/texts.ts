import type { Path, YamlFile } from "../yaml.ts";

interface Text {
  readonly value: string;
  readonly path: Path;
}

const known = new WeakMap<YamlFile, readonly Text[]>();

/** Every text value of a file, with its path; walked once. */
export function texts(file: YamlFile): readonly Text[] {
  const found = known.get(file) ?? [...walk(file.value, [])];
  known.set(file, found);
  return found;
}

function* walk(value: unknown, path: Path): Generator<Text> {
  if (typeof value === "string") yield { value, path };
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* walk(item, [...path, index]);
  else if (typeof value === "object" && value !== null)
    for (const [key, item] of Object.entries(value)) yield* walk(item, [...path, key]);
}
