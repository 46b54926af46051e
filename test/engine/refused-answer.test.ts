import { expect, it } from "vitest";
import { stop } from "../../src/destination/index.ts";
import { api, fakeLine } from "./fake-line.ts";

/** How a POST ends whose answer stops the sync, when these answers come in turn. */
async function stopping(...answers: readonly { readonly status: number; readonly body: object }[]) {
  const { fake, config, line } = await fakeLine({ classify: ({ body }) => (body?.code > 0 ? "reject" : undefined) });
  for (const answer of answers) fake.fail(answer);
  function* talk() {
    yield* api.post({ config }, "people", {});
    return stop("target_gone", "gone");
  }
  return await line.converse(talk(), { once: false });
}

const gone = { status: "failed", code: "E811" };
const code = { status: 200, body: { code: 40002 } };

it.each([
  ["a status", { status: 404, body: {} }, false],
  ["a code under HTTP 200 that the destination calls a refusal", code, false],
  ["nothing: it was taken", { status: 200, body: { code: 0 } }, true],
] as const)("rows may have been applied unless refused by %s", async (_, answer, mayHaveApplied) => {
  expect(await stopping(answer)).toMatchObject({ ...gone, mayHaveApplied });
});

it("a refusal under HTTP 200 says nothing of an earlier try that was lost", async () => {
  expect(await stopping({ status: 500, body: {} }, code)).toMatchObject({ status: "unknown" });
});
