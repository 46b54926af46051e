/** `explain person` as text: rule by rule with what was found, history, and what each destination holds. */
import type { ExplainAudience, ExplainDocument, ExplainHolding, ExplainRule } from "../../engine/api.ts";
import { amount, count } from "../figures.ts";
import { table } from "../table.ts";
import type { Paint } from "../terminal.ts";

export interface ExplainTextOptions {
  readonly paint: Paint;
  /** Newest events shown of each history. */
  readonly limit: number;
}

export function explainText(document: ExplainDocument, options: ExplainTextOptions): string {
  const { paint } = options;
  if (document.person === null) {
    return [
      "Nobody in the project's models has that key or e-mail.",
      "Next: millrace show <model> --count, to see that the model has rows",
    ].join("\n");
  }
  const identifiers = Object.values(document.identifiers).join(" ");
  const head = `Person ${document.person}${identifiers === "" ? "" : ` (${identifiers})`}, as of ${document.as_of}`;
  const sections = [
    [paint("bold", head)],
    ...document.audiences.map((audience) => audienceLines(audience, options)),
    holdingLines(document.destinations, options),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function audienceLines(audience: ExplainAudience, { paint, limit }: ExplainTextOptions): readonly string[] {
  const verdict = audience.member ? paint("green", "IN") : paint("red", "OUT of");
  const lines = [`${verdict} ${audience.audience}`];
  if (audience.rules !== null) lines.push(...ruleLines(audience.rules, paint));
  for (const [index, step] of audience.trace.entries()) {
    const lost = !step.present && (audience.trace[index - 1]?.present ?? true);
    // A query without steps of its own has only its result.
    const alone = audience.trace.length === 1;
    lines.push(
      alone
        ? `  ${mark(step.present, paint)} ${step.present ? "in" : "not in"} the result of its query`
        : `  ${mark(step.present, paint)} ${lost ? `lost in ${step.step}` : `${step.present ? "present in" : "absent from"} ${step.step}`}`,
    );
  }
  if (audience.excluded_by !== null) lines.push(`  ${mark(false, paint)} ${audience.excluded_by}`);
  const stays = audience.history.map(({ at, event, run_id, commit }) => {
    const of = commit === null ? "" : `, commit ${commit.slice(0, 7)}`;
    return `  ${event === "enter" ? "came in" : "left"} ${at} (run ${run_id}${of})`;
  });
  return [...lines, ...newest(stays, limit, "  ")];
}

/** The end of a history, and how much of it is left out. */
function newest(lines: readonly string[], limit: number, indent: string): readonly string[] {
  const earlier = lines.length - limit;
  return earlier <= 0 ? lines : [`${indent}… ${count(earlier)} earlier: --limit, or --json`, ...lines.slice(earlier)];
}

/** The tree with one line a rule; what was found stands in a column of its own. */
function ruleLines(rule: ExplainRule, paint: Paint): readonly string[] {
  const rows = flatten(rule, 1);
  const lines = table(
    [{ title: "" }, { title: "" }],
    rows.map(({ rule: one, depth }) => [`${"  ".repeat(depth)}${plainMark(one)} ${one.rule}`, one.found ?? ""]),
  );
  return lines.map((line, index) => {
    const one = rows[index]!.rule;
    return line.replace(plainMark(one), () => mark(one.holds, paint));
  });
}

function flatten(rule: ExplainRule, depth: number): readonly { readonly rule: ExplainRule; readonly depth: number }[] {
  return [{ rule, depth }, ...rule.children.flatMap((child) => flatten(child, depth + 1))];
}

function plainMark(rule: ExplainRule): string {
  return rule.holds === null ? "–" : rule.holds ? "✔" : "✘";
}

function mark(holds: boolean | null, paint: Paint): string {
  if (holds === null) return paint("dim", "–");
  return holds ? paint("green", "✔") : paint("red", "✘");
}

const states: Readonly<Record<ExplainHolding["state"], string>> = {
  none: "nothing was sent",
  ok: "holds the person",
  doubt: "in doubt: the last answer never came",
  owed: "holds identifiers that the next run takes away",
  left: "left the audience, kept there by on_leave",
  assumed: "assumed to be there since the first run",
  held: "held: nobody knows whether it was delivered (millrace resolve)",
};

function holdingLines(holdings: readonly ExplainHolding[], { paint, limit }: ExplainTextOptions): readonly string[] {
  if (holdings.length === 0) return [];
  const lines = table(
    [{ title: "" }, { title: "" }, { title: "" }],
    holdings.map((holding) => [`${holding.sync} -> ${holding.destination}`, states[holding.state], sentWords(holding)]),
    "  ",
  );
  return [
    paint("bold", "What destinations hold"),
    ...holdings.flatMap(({ rejection, history }, index) => [
      lines[index]!,
      ...(rejection === null
        ? []
        : [`    rejected: ${rejection.message} (${rejection.code}), ${amount(rejection.attempts, "attempt")}`]),
      ...newest(
        history.map((event) => `    ${event.at}  ${event.op} ${event.outcome} (run ${event.run_id})`),
        limit,
        "    ",
      ),
    ]),
  ];
}

/** When, by which run and as whom; the key alone says nothing to a reader. */
function sentWords({ sent_at, run_id, identifiers }: ExplainHolding): string {
  const sent = sent_at === null ? "" : `sent ${sent_at} (run ${run_id ?? "unknown"})`;
  const known = Object.entries(identifiers).filter(([kind]) => kind !== "key");
  return [sent, known.map(([kind, value]) => `${kind} ${value}`).join(", ")].filter((one) => one !== "").join(" as ");
}
