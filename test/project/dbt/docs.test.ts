import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { load, type Files } from "../sample.ts";
import { manifest, shop } from "./artifacts.ts";

it("the files that docs/dbt.md shows are a project without a word against it", async () => {
  const page = readFileSync(new URL("../../../docs/dbt.md", import.meta.url), "utf8");
  const shown = [...page.matchAll(/^```yaml\n# ([\w/.]+)\n([^]*?)^```/gm)];
  const files: Files = Object.fromEntries(shown.map(([, file = "", text = ""]) => [file, text]));
  expect(Object.keys(files)).toEqual(["millrace.yml", "models/french.yml", "models/dbt.yml"]);
  // Beside the project there is nothing here: the same manifest inside it.
  const inside = files["millrace.yml"]!.replaceAll("../dbt", "dbt");
  const all = {
    ...shop(),
    ...files,
    "millrace.yml": inside,
    "dbt/target/manifest.json": manifest(),
    "destinations/crm.yml": null,
  };
  const { project, diagnostics } = await load({
    ...all,
    "dbt/target/run_results.json": "{}",
  });
  expect(diagnostics).toEqual([]);
  expect([...(project?.models.keys() ?? [])]).toEqual(["customers", "stg_shop__people"]);
});
