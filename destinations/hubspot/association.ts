/** Associations between contacts and companies, with a label or without. */
import type { Batch, Context, Exchange, HttpResponse, Outcome, RecordPair } from "millrace/destination";
import { accepted, all, defineObject, exact, pairRecords, unknown } from "millrace/destination";
import { z } from "zod";
import { api, area, common, type Config, listOf, refusal, searchLimits } from "./api.ts";
import { companies } from "./company.ts";
import { contacts } from "./contact.ts";
import { type RecordType, tableOf } from "./table.ts";

const end = z.enum(["contact", "company"]);
const remote = z.object({
  from: end.default("contact").describe("contact (by e-mail) or company (by domain)."),
  to: end.default("company").describe("The same, of the other end."),
  type: z.string().optional().describe("Category and id of a label: USER_DEFINED:27."),
});

const recordsAt = (where: unknown): RecordType => (where === "company" ? companies : contacts);

/** A label as the API takes it; undefined for none. */
function labelOf(type: string | undefined): { associationCategory: string; associationTypeId: number } | undefined {
  const [associationCategory = "", id] = type?.split(":") ?? [];
  return id === undefined ? undefined : { associationCategory, associationTypeId: Number(id) };
}

/** The batch's name in the API: without a label the default is made, and all associations of a pair are archived. */
function actionOf(removes: boolean, labelled: boolean): string {
  if (labelled) return removes ? "labels/archive" : "create";
  return removes ? "archive" : "associate/default";
}

function deliver(batch: Batch, ctx: Context<Config>): Exchange<readonly Outcome[]> {
  const config = remote.parse(ctx.remoteConfig);
  const [left, right] = [recordsAt(config.from), recordsAt(config.to)];
  const label = labelOf(config.type);
  const action = actionOf(batch.op === "remove", label !== undefined);
  const path = `${area(ctx, "associations")}/${left.path}/${right.path}/batch/${action}`;
  const inputOf = ({ from, to }: RecordPair) => ({
    from: { id: from },
    to: action === "archive" ? [{ id: to }] : { id: to },
    ...(label === undefined ? {} : { types: [label] }),
  });
  return pairRecords(batch, tableOf(ctx, left, "from"), tableOf(ctx, right, "to"), function* (rest, pairs) {
    return verdicts(rest, pairs, yield* api.post(ctx, path, { inputs: pairs.map(inputOf) }));
  });
}

/** Answers name the pairs that were linked, and with errors the ids that they are about. */
function verdicts(batch: Batch, pairs: readonly RecordPair[], response: HttpResponse): readonly Outcome[] {
  const { results, errors } = Object(response.body);
  const removes = batch.op === "remove";
  if (response.status > 299 || !(removes || Array.isArray(results))) return all(batch, api.broken(response));
  const nameOf = (one: any): string => `${one.from?.id ?? one.fromObjectId}/${one.to?.id ?? one.toObjectId}`;
  const linked = new Set(listOf(results).map(nameOf));
  return pairs.map(({ from, to }) => {
    if (linked.has(`${from}/${to}`) || (removes && listOf(errors).length === 0)) return accepted();
    const error = listOf(errors).find((one) => RegExp(`"(${from}|${to})"`).test(JSON.stringify(one.context)));
    return error === undefined ? unknown("broken answer: no result for this pair") : refusal(error);
  });
}

/** `association`: which contact belongs to which company, or to another of its kind. */
export const association = defineObject<Config, "from" | "to">({
  ...common,
  describe: "Which record belongs to which: a contact, by e-mail, to a company, by domain",
  kind: "membership",
  ops: ["add", "remove"],
  identify: "all",
  identifiers: { from: exact("E-mail or domain"), to: exact("E-mail or domain") },
  limits: searchLimits,
  remote,
  deliver,
});
