/** Definitions of destination types: the package's own, and users' code (bundled, decision 19). */
import { readdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import type { Destination } from "../destination/index.ts";
import { bundleDestination, BundleProblem } from "./bundle.ts";

/** The package's folder of destinations: sources under a test runner, compiled files when built. */
const folder = new URL("../../destinations/", import.meta.url);
const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/** Names of the built-in types. */
export function builtInTypes(): readonly string[] {
  return readdirSync(fileURLToPath(folder))
    .filter((file) => file.endsWith(ending) && !file.endsWith(".d.ts"))
    .map((file) => file.slice(0, -ending.length))
    .toSorted();
}

/** The definition of a built-in type; throws when there is none of that name. */
export async function loadBuiltIn(type: string): Promise<Destination> {
  if (!builtInTypes().includes(type)) throw new Error(`no built-in destination type ${type}`);
  return definitionIn(await import(/* @vite-ignore */ new URL(type + ending, folder).href));
}

/** Users' own code: `file` is relative to the project's root. Throws {@link BundleProblem} with words for the user. */
export async function loadOwn(root: string, file: string): Promise<Destination> {
  const bundle = await bundleDestination(root, file);
  try {
    return definitionIn(await import(/* @vite-ignore */ pathToFileURL(bundle).href));
  } catch (error) {
    if (error instanceof BundleProblem) throw error;
    throw new BundleProblem(
      `the code failed while loading: ${error instanceof Error ? error.message.slice(0, 200) : "it threw"}`,
    );
  }
}

function definitionIn(module: Record<string, unknown>): Destination {
  const definition = (module["default"] ?? Object.values(module).find(isDefinition)) as Destination | undefined;
  if (!isDefinition(definition)) throw new BundleProblem("the file must default-export defineDestination({ … })");
  return definition;
}

function isDefinition(value: unknown): value is Destination {
  const wanted = ["name", "config", "credentials", "auth", "effects", "hosts", "objects"];
  if (typeof value !== "object" || value === null || !wanted.every((key) => key in value)) return false;
  const { config, credentials } = value as Destination;
  return config instanceof z.ZodObject && credentials instanceof z.ZodObject;
}

/**
 * Whether code of this checkout must not run: a fork's pull request under GitHub Actions has others' code and no
 * secrets (S16). `readEvent` gives the text of the event file.
 */
export function isForkPullRequest(
  env: Readonly<Record<string, string | undefined>>,
  readEvent: (path: string) => string,
): boolean {
  if (env["GITHUB_ACTIONS"] !== "true" || !env["GITHUB_EVENT_NAME"]?.startsWith("pull_request")) return false;
  try {
    const event = JSON.parse(readEvent(env["GITHUB_EVENT_PATH"] ?? ""));
    return event?.pull_request?.head?.repo?.full_name !== event?.pull_request?.base?.repo?.full_name;
  } catch {
    return true;
  }
}
