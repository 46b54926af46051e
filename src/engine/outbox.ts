/**
 * `use: file` (decision 7): the transport of a destination replaced by files, everything else of it kept. Each run writes
 * `<destination>/<sync>/<run>/{adds,updates,removes}.jsonl` and a manifest, as the platform would have received them.
 */
import type { Json, Op } from "../core.ts";
import {
  accepted,
  all,
  ndjsonOf,
  type Batch,
  type Context,
  type Destination,
  type Effect,
  type Exchange,
  type ObjectSpec,
} from "../destination/index.ts";

const fileOf: Readonly<Record<Op, string>> = { add: "adds", update: "updates", remove: "removes" };

/** The object with files as its platform: nothing is looked up or created, lookups answer `lookup:<value>`. */
export function outboxObject(object: ObjectSpec<any>): ObjectSpec<any> {
  const { ensure: _ensure, finish: _finish, lookup: _lookup, windowMs: _windowMs, ...kept } = object;
  return Object.freeze({
    ...kept,
    delivery: "set",
    lateMs: 0,
    *ensure(ctx: Omit<Context, "remote">): Exchange<{ readonly id: string }> {
      return { id: `file:${ctx.sync}` };
    },
    *deliver(batch: Batch, ctx: Context) {
      const write = `${folderOf(ctx)}/${fileOf[batch.op]}.jsonl`;
      yield { file: { write, append: true, content: ndjsonOf(batch) } } satisfies Effect;
      return all(batch, accepted());
    },
    *finish(
      ctx: Context,
      summary: { readonly accepted: Readonly<Record<Op, number>>; readonly rejected: number },
    ): Exchange<void> {
      const manifest: Json = {
        schema: "millrace/outbox/v1",
        sync: ctx.sync,
        run_id: ctx.runId,
        accepted: { ...summary.accepted },
        rejected: summary.rejected,
      };
      yield {
        file: { write: `${folderOf(ctx)}/manifest.json`, content: `${JSON.stringify(manifest, null, 2)}\n` },
      } satisfies Effect;
    },
    *lookup(_by: string, values: readonly string[]): Exchange<ReadonlyMap<string, string>> {
      return new Map(values.map((value) => [value, `lookup:${value}`]));
    },
  } satisfies ObjectSpec<any>);
}

/** The definition around it: no hosts, no credentials, the effect `file` only. */
export function outboxDefinition(definition: Destination): Destination {
  const { account: _account, ...kept } = definition;
  return { ...kept, auth: { type: "none" }, effects: ["file"], hosts: () => [] };
}

const folderOf = (ctx: Pick<Context, "sync" | "runId">): string => `${ctx.sync}/${ctx.runId}`;
