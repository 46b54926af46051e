import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeEach, expect, it } from "vitest";
import { loadPackage, packageVersion } from "../../src/warehouse/load-package.ts";

let project: string;
beforeEach(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), "millrace-load-"));
});

async function install(folder: string, name: string, source: string): Promise<void> {
  const at = path.join(folder, "node_modules", name);
  await mkdir(at, { recursive: true });
  await writeFile(path.join(at, "package.json"), JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
  await writeFile(path.join(at, "index.js"), source);
}

it("takes the package of the project's folder, of a folder above it, or the one beside millrace", async () => {
  await install(project, "@shop/client", "module.exports = { from: 'project' };");
  // Beside millrace there is a yaml too.
  await install(project, "yaml", "module.exports = { from: 'project' };");
  const below = path.join(project, "shop");
  await mkdir(below);
  expect([
    loadPackage("@shop/client", project),
    loadPackage("@shop/client", below),
    loadPackage("yaml", project),
    Object.keys(loadPackage<object>("yaml", os.tmpdir())).includes("parse"),
  ]).toEqual([{ from: "project" }, { from: "project" }, { from: "project" }, true]);
});

it("tells the version of the package that it would take, wherever its main file stands", async () => {
  await install(project, "@shop/client", "module.exports = {};");
  const at = path.join(project, "node_modules/@shop/client");
  await mkdir(path.join(at, "dist/cjs"), { recursive: true });
  await writeFile(path.join(at, "dist/cjs/index.js"), "");
  await writeFile(path.join(at, "dist/cjs/package.json"), JSON.stringify({ type: "commonjs" }));
  await writeFile(path.join(at, "package.json"), JSON.stringify({ version: "8.3.1", main: "dist/cjs/index.js" }));
  expect([
    packageVersion("@shop/client", path.join(project, "shop")),
    packageVersion("@shop/nowhere", project),
  ]).toEqual(["8.3.1", null]);
});

it("takes a part of a package from where that package stands", async () => {
  await install(project, "client", "module.exports = {};");
  await install(path.join(project, "node_modules/client"), "part", "module.exports = { of: 'client' };");
  expect(loadPackage("client", project, "part")).toEqual({ of: "client" });
});

it("says the line that installs a package that is nowhere", () => {
  expect(() => loadPackage("@shop/nowhere", project)).toThrow(
    expect.objectContaining({
      diagnostics: [
        {
          code: "E719",
          severity: "error",
          message: "the package @shop/nowhere is not installed",
          hint: "`npm install @shop/nowhere` in the project's folder, or beside millrace",
        },
      ],
    }),
  );
});

it("tells a package that is there and cannot be loaded from one that is absent", async () => {
  await install(project, "broken", "require('a-part-that-is-gone');");
  expect(() => loadPackage("broken", project)).toThrow(
    "E719: the package broken cannot be loaded: Cannot find module 'a-part-that-is-gone'",
  );
});
