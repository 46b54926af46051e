import type { Path, YamlFile } from "../yaml.ts";

/** Every text value of a file, with its path. */
export function* texts(file: YamlFile): Generator<{ readonly value: string; readonly path: Path }> {
  yield* walk(file.value, []);
}

function* walk(value: unknown, path: Path): Generator<{ readonly value: string; readonly path: Path }> {
  if (typeof value === "string") yield { value, path };
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* walk(item, [...path, index]);
  else if (typeof value === "object" && value !== null)
    for (const [key, item] of Object.entries(value)) yield* walk(item, [...path, key]);
}
