import { expect, it } from "vitest";
import { type Effect, get, type HttpResponse, runJob } from "../../src/destination/index.ts";

const job = (ctx: { checkpoint?: { job: string } }, answers: readonly string[]) => {
  const effects: Effect[] = [];
  let polls = 0;
  let begun = 0;
  const exchange = runJob<string, string>(ctx, {
    *start() {
      begun += 1;
      return answers.length === 0 ? { outcome: { status: "rejected", code: "no", message: "no" } } : { job: "j1" };
    },
    *poll(id, afterMs) {
      const response: HttpResponse = yield* get(`https://x.example.com/${id}`, { afterMs });
      if (response.text === "forgotten") return "forgotten";
      return response.text === "done" ? `${id} done` : undefined;
    },
    polls: 3,
  });
  let step = exchange.next();
  while (step.done !== true) {
    effects.push(step.value);
    step = exchange.next("http" in step.value ? { status: 200, headers: {}, text: answers[polls++] ?? "" } : undefined);
  }
  return { ended: step.value, effects, begun };
};

it("remembers the job before it looks at it, and looks less and less often", () => {
  const { ended, effects } = job({}, ["", "", "done"]);
  expect(ended).toEqual({ result: "j1 done" });
  expect(effects.map((effect) => ("http" in effect ? effect.http.afterMs : effect))).toEqual([
    { checkpoint: { job: "j1" } },
    1000,
    2000,
    4000,
  ]);
});

it("goes on with the job of an earlier process", () => {
  const { ended, effects } = job({ checkpoint: { job: "j0" } }, ["done"]);
  expect(ended).toEqual({ result: "j0 done" });
  expect(effects.length).toBe(1);
});

it("leaves the rows in doubt while the job runs on, and ends where it cannot begin", () => {
  expect(job({}, ["", "", ""]).ended).toMatchObject({ outcome: { status: "unknown" } });
  expect(job({}, []).ended).toEqual({ outcome: { status: "rejected", code: "no", message: "no" } });
});

it("begins anew where the platform has forgotten the job of an earlier process, and only then", () => {
  expect(job({ checkpoint: { job: "j0" } }, ["forgotten", "done"])).toMatchObject({
    ended: { result: "j1 done" },
    begun: 1,
  });
  for (const [checkpoint, answers] of [
    [{}, ["forgotten"]],
    [{ checkpoint: { job: "j0" } }, ["forgotten", "forgotten"]],
  ] as const)
    expect(job(checkpoint, answers)).toMatchObject({ ended: { outcome: { status: "unknown" } }, begun: 1 });
});
