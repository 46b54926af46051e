/** What is kept of a request whose fate is unknown: enough to send it again byte for byte, or to show it to a person (R13, R33). */
import type { Op } from "../core.ts";
import { lineOf } from "../destination/index.ts";
import { textOfChange } from "./batch.ts";
import type { PlanOp } from "./diff.ts";
import { lineOp, lineQuery } from "./plain.ts";
import { renderer, type RenderContext } from "./render.ts";
import { addressed, kindOfPart, type RowRequests } from "./requests.ts";
import { seqOf, type PlanRow, type PlanSource } from "./rows.ts";

/** What a row in doubt keeps of its request: the op of its batch and the body, for the replay or to be shown (R13, R33). */
export interface KeptRequest {
  readonly op: Op;
  readonly text: string;
  /** Body was built as a line: the digest covers the line itself. */
  readonly line: boolean;
  /** The row's own idempotency key, and the kind its batch was cut by. */
  readonly idempotencyKey: string;
  readonly kind?: string;
}

/** The kept request of a row, as JSON text, by the number of its part; null when it cannot be made again. */
export type KeptText = (row: PlanRow, asked: RowRequests, part: number) => string | null;

export interface KeptOptions {
  readonly source: PlanSource;
  readonly plan: string;
  readonly render: RenderContext;
}

/** Requests whose lines were built in SQL: `rows` are those of one op that are in doubt. */
export async function keptLines({ source }: KeptOptions, op: PlanOp, rows: readonly PlanRow[]): Promise<KeptText> {
  const lines = rows.length === 0 ? new Map<number, string>() : await linesBetween(source, op, rows);
  const out = lineOp(source.shape.object, op);
  return (row) => {
    const text = lines.get(row.seq);
    return text === undefined
      ? null
      : JSON.stringify({ op: out, text, line: true, idempotencyKey: "" } satisfies KeptRequest);
  };
}

/** Requests whose rows were rendered in Node. */
export function keptRequests({ source, plan, render }: KeptOptions): KeptText {
  const toChange = renderer(source.shape, render);
  const line = source.shape.object.passThrough === true;
  return (row, asked, part) => {
    const request = asked.requests.find((one) => one.part === part);
    if (request === undefined) return null;
    const idempotencyKey = `${plan}-${row.seq}-${part}`;
    const rendered = toChange(addressed(row, request), request.op, request.only, idempotencyKey);
    if ("reject" in rendered) return null;
    const text = line ? lineOf(rendered.change) : textOfChange(rendered.change);
    const kind = kindOfPart(source.shape.object, part);
    const kept: KeptRequest = { op: request.op, text, line, idempotencyKey, ...(kind === undefined ? {} : { kind }) };
    return JSON.stringify(kept);
  };
}

async function linesBetween(
  source: PlanSource,
  op: PlanOp,
  rows: readonly PlanRow[],
): Promise<ReadonlyMap<number, string>> {
  const lines = new Map<number, string>();
  const places = rows.map(({ seq }) => seq - seqOf(op, 0));
  const query = lineQuery(source, op, Math.min(...places), Math.max(...places) + 1);
  for await (const batch of source.warehouse.read(query)) {
    const [at = [], texts = []] = batch.columns;
    for (let row = 0; row < batch.rows; row += 1) lines.set(seqOf(op, at[row] as number), texts[row] as string);
  }
  return lines;
}
