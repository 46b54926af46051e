import { expect, test } from "vitest";
import { explainThingSchema } from "../../src/cli/schemas/explain.ts";
import { emptyFolder, millrace } from "./millrace.ts";

test("explain millrace.MODEL says how it is called, what it takes and what it returns, without a project", async () => {
  const cwd = await emptyFolder();
  const { stdout, exit } = await millrace(["explain", "millrace.funnel_dropoff"], { cwd });
  expect(exit).toBe(0);
  expect(stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, " "))).toEqual([
    "millrace.funnel_dropoff: One row per key that did one thing and not the other within a window that is over, such as carts without an order.",
    "",
    "{{ ref('millrace.funnel_dropoff', started='…', finished='…', key='…', started_at='…', finished_at='…', within='…') }}",
    "",
    "It takes",
    " started a model The first step, one row each: cart_adds.",
    " finished a model The step that should follow: orders.",
    " key a column of started and finished Whose it is, in both: visitor_id.",
    " started_at a date or time column of started When the first step was done.",
    " finished_at a date or time column of finished When the other was done.",
    " within a duration How long there is to finish: 3d.",
    "",
    "It returns",
    " <key> The key; rows without one are left out.",
    " drops How often the first step was not followed in time.",
    " dropped_at The first step of the last such time.",
    " finished_later_at When it was finished after all, too late; NULL where it was not.",
    "",
  ]);
  const asJson = await millrace(["explain", "millrace.rfm", "--json"], { cwd });
  expect(explainThingSchema.parse(JSON.parse(asJson.stdout))).toMatchObject({ kind: "library", name: "millrace.rfm" });
  expect(await millrace(["explain", "millrace.rfn"], { cwd })).toMatchObject({
    exit: 64,
    stderr: expect.stringContaining('did you mean "rfm"?'),
  });
});
