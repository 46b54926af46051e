/** destinations/*.yml and the code beside them, as this environment sees them. */
import { z } from "zod";
import type { Diagnostic, Json } from "../core.ts";
import type { Destination } from "../destination/index.ts";
import { BundleProblem } from "./bundle.ts";
import type { Claim } from "./collect.ts";
import { builtInTypes, loadBuiltIn, loadOwn } from "./destinations.ts";
import { applyOverlay } from "./environment.ts";
import { toDiagnostics } from "./issues.ts";
import type { DestinationResource, DestinationSpec } from "./project.ts";
import { wording } from "./schema/common.ts";
import { destinationSchema, type Overlay } from "./schema/destination.ts";
import { isSecret } from "./secrets.ts";
import { didYouMean, quoteText } from "./suggest.ts";
import type { Path, YamlFile } from "./yaml.ts";

export interface AccountWorld {
  readonly root: string;
  readonly environment: string;
  readonly overlays: Readonly<Record<string, Overlay>>;
  readonly millraceFile: YamlFile;
  /** Users' own types: name -> code file. */
  readonly code: ReadonlyMap<string, string>;
  readonly loadCode: boolean;
  readonly diagnostics: Diagnostic[];
  readonly claims: Claim[];
  readonly broken: Set<string>;
}

/** One file as a destination, or null when it cannot be one. */
export async function readAccount(file: YamlFile, world: AccountWorld): Promise<DestinationResource | null> {
  world.diagnostics.push(...file.problems);
  if (file.value === undefined) return null;
  const named = (file.value as { destination?: unknown }).destination;
  const subject = {
    file,
    base: [],
    name: typeof named === "string" ? `destination ${quoteText(named)}` : "this destination",
    value: file.value,
  };
  if (typeof named === "string") world.claims.push({ what: "destination", name: named, at: file.at(["destination"]) });
  const parsed = destinationSchema.safeParse(file.value, { error: wording });
  if (!parsed.success) {
    if (typeof named === "string") world.broken.add(`destination:${named}`);
    world.diagnostics.push(...toDiagnostics(parsed.error.issues, subject));
    return null;
  }
  const { spec, outbox, overlay, key } = applyOverlay(parsed.data, world.overlays);
  const at = (path: Path = [], part: "key" | "value" = "value") =>
    overlay !== null && laidOver(overlay, path)
      ? world.millraceFile.at(["environments", world.environment, "destinations", key, ...path], part)
      : file.at(path.length === 0 ? ["destination"] : path, part);
  const definition = await definitionOf(spec.type, file, world);
  if (definition === null) {
    world.broken.add(`destination:${spec.destination}`);
    return null;
  }
  const base = { name: spec.destination, file: file.file, at, outbox };
  if (definition === "unloaded") return { ...base, spec, definition: unloaded(spec.type), loaded: false };
  return { ...base, spec: checkAccount(definition, spec, outbox, at, world.diagnostics), definition, loaded: true };
}

const laidOver = (overlay: Overlay, [block, key]: Path): boolean =>
  block === "rate_limit"
    ? overlay.rate_limit !== undefined
    : (block === "config" || block === "credentials") && key !== undefined && Object.hasOwn(overlay[block] ?? {}, key);

async function definitionOf(
  type: string,
  file: YamlFile,
  world: AccountWorld,
): Promise<Destination | "unloaded" | null> {
  const code = world.code.get(type);
  try {
    if (code === undefined && builtInTypes().includes(type)) return await loadBuiltIn(type);
    if (code !== undefined) return world.loadCode ? await loadOwn(world.root, code) : "unloaded";
  } catch (error) {
    if (!(error instanceof BundleProblem) || code === undefined) throw error;
    world.diagnostics.push({
      code: "E223",
      severity: "error",
      message: `${code}: ${error.message}`,
      at: { file: code, line: 1, column: 1 },
    });
    return null;
  }
  const hint = didYouMean(type, [...builtInTypes(), ...world.code.keys()], "types");
  world.diagnostics.push({
    code: "E222",
    severity: "error",
    message: `there is no destination type ${quoteText(type)}`,
    at: file.at(["type"]),
    ...(hint !== undefined && { hint }),
  });
  return null;
}

/** Stands for a user's type whose code was not run: it declares nothing, so nothing is checked against it. */
function unloaded(name: string): Destination {
  return {
    name,
    describe: "",
    docs: "",
    config: z.looseObject({}),
    credentials: z.looseObject({}),
    auth: { type: "none" },
    effects: [],
    hosts: () => [],
    objects: {},
  };
}

/** `config` and `credentials` against the type's own schemas; defaults of `config` are filled in. Secrets stay unresolved and fit any text. */
function checkAccount(
  definition: Destination,
  spec: DestinationSpec,
  outbox: boolean,
  at: DestinationResource["at"],
  diagnostics: Diagnostic[],
): DestinationSpec {
  const check = (block: "config" | "credentials"): Readonly<Record<string, Json>> | null => {
    const declared = definition[block];
    const schema = declared.def.catchall === undefined ? declared.strict() : declared;
    const parsed = schema.safeParse(spec[block], { error: wording });
    if (parsed.success) return parsed.data as Readonly<Record<string, Json>>;
    const issues = parsed.error.issues.filter((issue) => !isSecret(valueOf(spec[block], issue.path)));
    const file = { at: (path: Path, part?: "key" | "value") => at(path.length === 1 ? [block] : path, part) };
    diagnostics.push(
      ...toDiagnostics(issues, {
        file,
        base: [block],
        name: `${block} of destination "${spec.destination}" (${definition.name})`,
        value: spec[block],
      }),
    );
    return null;
  };
  const config = check("config");
  if (!outbox) check("credentials");
  return { ...spec, config: config ?? spec.config };
}

function valueOf(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, step)
        ? (inner as Record<PropertyKey, unknown>)[step]
        : undefined,
    value,
  );
}
