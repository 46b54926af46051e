import { b2bFiles } from "./b2b.ts";
import { commonFiles } from "./common-files.ts";
import { projectFile, type InitWarehouse } from "./project-file.ts";
import { shopFiles } from "./shop.ts";

/** The files of a new project: path -> text. `today` (milliseconds since the epoch) dates the sample data. */
export function projectFiles(
  {
    template,
    name,
    warehouse,
  }: { readonly template: string; readonly name: string; readonly warehouse: InitWarehouse },
  today: number,
): Readonly<Record<string, string>> {
  return { ...filesOf(template, today, warehouse), "millrace.yml": projectFile(name, warehouse) };
}

function filesOf(template: string, today: number, warehouse: InitWarehouse): Readonly<Record<string, string>> {
  switch (template) {
    case "blank":
      return blankFiles();
    case "b2b":
      return b2bFiles(today, warehouse);
    default:
      return shopFiles(today);
  }
}

/** Only what a project needs to load; models and destinations are for the user to write. */
function blankFiles(): Readonly<Record<string, string>> {
  return {
    ...commonFiles(),
    "models/.gitkeep": "",
    "destinations/.gitkeep": "",
    "seeds/.gitkeep": "",
  };
}
