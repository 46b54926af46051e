/**
 * What stands at a JSON pointer (RFC 6901): `/results/0/id`; the whole value for an empty one. Undefined where nothing
 * stands there, also inherited properties.
 */
export function pointer(value: unknown, path: string): unknown {
  if (path === "") return value;
  return path
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>(
      (at, name) =>
        typeof at === "object" && at !== null && Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined,
      value,
    );
}
