/** `explain CODE`, `explain millrace.MODEL`, `explain audience`, `explain sync`: a title and sentences, or millrace/explanation/v1. */
import { sentence } from "../audience/sentence.ts";
import type { Project, SyncSpec } from "../project/project.ts";
import { didYouMean } from "../project/suggest.ts";
import type { CommandContext } from "./command.ts";
import { openProject } from "./session.ts";
import { usage } from "./usage.ts";

interface Explanation {
  readonly kind: "code" | "library" | "audience" | "sync";
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

function tell(context: CommandContext, explanation: Explanation): 0 {
  const { terminal, globals } = context;
  if (globals.json) terminal.json({ schema: "millrace/explanation/v1", ...explanation });
  else terminal.out(`${terminal.paintOut("bold", `${explanation.name}: ${explanation.title}`)}\n\n${explanation.text}`);
  return 0;
}

/** A code, or a model of the library. */
export async function explainCode(context: CommandContext): Promise<0> {
  const word = context.words[0];
  if (word === undefined) throw usage("say what: a code, or person, audience, sync", "millrace explain E204");
  if (word.startsWith("millrace.")) {
    const { libraryExplanation } = await import("./explain-library.ts");
    return tell(context, { kind: "library", name: word, ...libraryExplanation(word) });
  }
  const { codes } = await import("../project/codes.ts");
  const name = word.toUpperCase();
  const found = Object.hasOwn(codes, name) ? codes[name] : undefined;
  if (found === undefined)
    throw usage(`no error is called ${JSON.stringify(word)}`, didYouMean(name, Object.keys(codes), "codes"), "E020");
  return tell(context, { kind: "code", name, title: found.title, text: found.text });
}

export async function explainAudience(context: CommandContext): Promise<0> {
  const { project } = await openProject(context, { loadCode: false });
  const name = context.words[0]!;
  const found = project.audiences.get(name) ?? project.segments.get(name);
  if (found === undefined)
    throw usage(
      `no audience or segment is called ${JSON.stringify(name)}`,
      didYouMean(name, [...project.audiences.keys(), ...project.segments.keys()], "there are"),
      "E020",
    );
  const { spec } = found;
  const audience = project.audiences.get(name)?.spec;
  const syncs = [...project.syncs.values()]
    .filter((sync) => sync.spec.audience === name)
    .map((sync) => `${sync.name} (${sync.spec.destination})`);
  const lines = [
    spec.where === undefined
      ? `Rows of ${spec.model} that the query ${spec.sqlFile ?? "of the file"} returns.`
      : `Rows of ${spec.model} where ${sentence(spec.where, spec.model)}.`,
    ...(audience === undefined || audience.exclude.length === 0
      ? []
      : [`Without members of ${audience.exclude.join(", ")}.`]),
    ...(audience?.limit === undefined
      ? []
      : [
          `At most ${audience.limit.max} people${audience.limit.order_by === undefined ? "" : `, by ${audience.limit.order_by}`}.`,
        ]),
    ...(audience === undefined || audience.status === "active" ? [] : [`It is ${audience.status}.`]),
    ...(syncs.length === 0 ? [] : [`Sent by ${syncs.join(", ")}.`]),
    `Written in ${found.file}:${found.at().line}.`,
  ];
  return tell(context, {
    kind: "audience",
    name,
    title: spec.label ?? spec.description ?? "no description",
    text: lines.join("\n"),
  });
}

export async function explainSync(context: CommandContext): Promise<0> {
  const { project } = await openProject(context, { loadCode: false });
  const name = context.words[0]!;
  const found = project.syncs.get(name);
  if (found === undefined)
    throw usage(
      `no sync is called ${JSON.stringify(name)}`,
      didYouMean(name, project.syncs.keys(), "syncs here"),
      "E020",
    );
  const { spec } = found;
  return tell(context, {
    kind: "sync",
    name,
    title: `${spec.audience ?? spec.model} -> ${spec.destination}`,
    text: [...syncSentences(project, spec), `Written in ${found.file}:${found.at().line}.`].join("\n"),
  });
}

/** What each mode does, in words (decision 5). */
const modes: Readonly<Record<SyncSpec["mode"], string>> = {
  mirror: "keeps the destination equal to it: who enters is added, who changes updated, who leaves taken out",
  upsert: "creates and updates; who leaves stays unless on_leave says otherwise",
  add: "adds, and never touches what is there",
  update: "updates what exists, and creates nothing",
  remove: "takes out everyone in it",
  append: "sends each row once, for ever",
};

function syncSentences(project: Project, spec: SyncSpec): readonly string[] {
  const leave =
    spec.on_leave === undefined
      ? []
      : [
          `Who leaves: ${typeof spec.on_leave === "string" ? spec.on_leave : `set ${Object.keys(spec.on_leave.set).join(", ")}`}.`,
        ];
  const schedule =
    spec.schedule === undefined
      ? "It has no schedule: it runs when it is asked to."
      : `It is due by "${spec.schedule.cron}" (${spec.schedule.timezone ?? project.timezone}).`;
  const identifiers = Object.keys(spec.identifiers);
  const outbox =
    project.destinations.get(spec.destination)?.outbox === true
      ? [`In ${project.environment.name} nothing real is called: rows are written to files.`]
      : [];
  return [
    `Mode ${spec.mode}: ${modes[spec.mode]}.`,
    ...leave,
    ...(identifiers.length === 0 ? [] : [`People are told by ${identifiers.join(", ")}.`]),
    ...(spec.mappings.length === 0 ? [] : [`Fields sent: ${spec.mappings.map((mapping) => mapping.to).join(", ")}.`]),
    schedule,
    ...(spec.status === "active"
      ? []
      : [`It is ${spec.status}${spec.paused_until === undefined ? "" : ` until ${spec.paused_until}`}.`]),
    ...outbox,
  ];
}
