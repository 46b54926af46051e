import { expect, it } from "vitest";
import { type HttpResponse, post, rejected, withoutSpoilers } from "../../src/destination/index.ts";

const answer = (body: unknown): HttpResponse => ({ status: 200, headers: {}, body, text: "" });

/** Plays a platform that refuses requests with bad rows, naming at most `most` of them by their place in the request. */
function play(rows: readonly string[], most = Infinity) {
  const sent: string[][] = [];
  const conversation = withoutSpoilers(
    rows,
    (some) => post("https://example.com", some),
    ({ body }) => body.bad.map((place: number) => [place, rejected("bad", `row ${place}`)]),
  );
  let step = conversation.next();
  while (step.done !== true) {
    const { body } = (step.value as { http: { body: string[] } }).http;
    sent.push(body);
    const bad = body.flatMap((row, place) => (row === "bad" ? [place] : [])).slice(0, most);
    step = conversation.next(answer({ bad }));
  }
  return { sent, ...step.value };
}

it("sends the others again without the rows that are named, by their place among all rows", () => {
  const { sent, refused, response } = play(["a", "bad", "b", "bad", "c"], 1);
  expect(sent).toEqual([
    ["a", "bad", "b", "bad", "c"],
    ["a", "b", "bad", "c"],
    ["a", "b", "c"],
  ]);
  expect([...refused]).toEqual([
    [1, rejected("bad", "row 1")],
    [3, rejected("bad", "row 2")],
  ]);
  expect(response?.body).toEqual({ bad: [] });
});

it("has no answer when no row is left", () => {
  const { sent, refused, response } = play(["bad", "bad"]);
  expect([sent.length, [...refused.keys()], response]).toEqual([1, [0, 1], undefined]);
});

it("ends at an answer that names rows nobody sent", () => {
  const conversation = withoutSpoilers(
    ["a"],
    () => post("https://example.com"),
    () => [[7, rejected("bad", "")]],
  );
  conversation.next();
  expect(conversation.next(answer({}))).toEqual({
    done: true,
    value: { response: answer({}), refused: new Map() },
  });
});
