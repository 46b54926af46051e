import { createHash } from "node:crypto";
import { existsSync, mkdirSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";
import { isInside } from "./files.ts";

/** Why a user's destination cannot be loaded, in words for the user. */
export class BundleProblem extends Error {}

const fromSource = import.meta.url.endsWith(".ts");
const kit = fileURLToPath(new URL(`../destination/index${fromSource ? ".ts" : ".js"}`, import.meta.url));
const zod = createRequire(import.meta.url).resolve("zod");

/** Bundles a user's destination to `.millrace/cache/destinations/<sha>.mjs` and gives that path. */
export async function bundleDestination(root: string, file: string): Promise<string> {
  const { build } = await import("esbuild");
  const problems: string[] = [];
  const result = await build({
    entryPoints: [path.join(root, file)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "silent",
    plugins: [onlyTheKit(root, problems)],
    conditions: ["source"],
  }).catch((error: unknown) => {
    const first = (error as { errors?: readonly { text: string; location?: { file: string; line: number } | null }[] })
      .errors?.[0];
    const where = first?.location ? ` (line ${first.location.line})` : "";
    throw new BundleProblem(
      problems[0] ?? `the code does not compile${where}: ${first?.text.slice(0, 200) ?? "unknown reason"}`,
    );
  });
  const code = result.outputFiles[0]?.text ?? "";
  const folder = path.join(root, ".millrace", "cache", "destinations");
  const target = path.join(folder, `${createHash("sha256").update(code).digest("hex").slice(0, 32)}.mjs`);
  if (existsSync(target)) return target;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const beside = `${target}.${process.pid}`;
  writeFileSync(beside, code, { mode: 0o600 });
  renameSync(beside, target);
  return target;
}

/** Nothing may be imported but relative files of the project, node:crypto, zod and the kit of the running package. */
function onlyTheKit(root: string, problems: string[]): Plugin {
  const home = realpathSync.native(root);
  return {
    name: "only-the-kit",
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path: wanted, importer, kind, resolveDir }) => {
        if (kind === "entry-point" || (importer !== "" && !isInside(importer, [home]))) return undefined;
        if (wanted === "millrace/destination")
          return fromSource ? { path: kit } : { path: pathToFileURL(kit).href, external: true };
        if (wanted === "zod") return { path: pathToFileURL(zod).href, external: true };
        if (wanted === "node:crypto") return { path: wanted, external: true };
        if (/^\.\.?\//.test(wanted) && isInside(path.resolve(resolveDir, wanted), [home])) return undefined;
        const problem = `"${wanted.slice(0, 100)}" may not be imported: only millrace/destination, zod, node:crypto and relative files of the project`;
        problems.push(problem);
        return { errors: [{ text: problem }] };
      });
    },
  };
}
