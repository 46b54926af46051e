import { b2bFiles } from "./b2b.ts";
import { commonFiles } from "./common-files.ts";
import { projectFile } from "./project-file.ts";
import { shopFiles } from "./shop.ts";

/** The files of a new project: path -> text. `today` (milliseconds since the epoch) dates the sample data. */
export function projectFiles(template: string, name: string, today: number): Readonly<Record<string, string>> {
  switch (template) {
    case "blank":
      return blankFiles(name);
    case "b2b":
      return b2bFiles(name, today);
    default:
      return shopFiles(name, today);
  }
}

/** Only what a project needs to load; models and destinations are for the user to write. */
function blankFiles(name: string): Readonly<Record<string, string>> {
  return {
    ...commonFiles(),
    "millrace.yml": projectFile(name),
    "models/.gitkeep": "",
    "destinations/.gitkeep": "",
    "seeds/.gitkeep": "",
  };
}
