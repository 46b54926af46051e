/** `explain millrace.rfm`: what a model of the library does, takes and returns, and how it is called. */
import { libraryModel, libraryNames, type LibraryModel } from "../project/library.ts";
import { didYouMean } from "../project/suggest.ts";
import { table } from "./table.ts";
import { usage } from "./usage.ts";

/** Title and text of a model; `word` is its name with `millrace.`. E020 when the library has none of that name. */
export function libraryExplanation(word: string): { readonly title: string; readonly text: string } {
  const name = word.slice("millrace.".length);
  const model = libraryModel(name);
  if (model === null)
    throw usage(`the library has no model ${JSON.stringify(name)}`, didYouMean(name, libraryNames(), "it has"), "E020");
  const columns = model.columns.map((each) => [
    each.name.replace(/\{\{ var\('(\w+)'\) \}\}/, "<$1>"),
    each.description,
  ]);
  const text = [
    `{{ ref('millrace.${name}', ${model.parameters.map((each) => `${each.name}='…'`).join(", ")}) }}`,
    "",
    "It takes",
    ...table(
      [{ title: "" }, { title: "" }, { title: "" }],
      model.parameters.map((each) => [each.name, taken(each), each.description]),
      "  ",
    ),
    "",
    "It returns",
    ...table([{ title: "" }, { title: "" }], columns, "  "),
  ];
  return { title: model.description, text: text.join("\n") };
}

function taken(parameter: LibraryModel["parameters"][number]): string {
  switch (parameter.type) {
    case "model":
      return "a model";
    case "column": {
      const kind = { time: "date or time ", number: "number ", any: "" }[parameter.holds ?? "any"];
      return `a ${kind}column of ${parameter.of.join(" and ")}`;
    }
    case "duration":
      return `a duration${parameter.default === undefined ? "" : `, default ${parameter.default}`}`;
  }
}
