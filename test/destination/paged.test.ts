import { describe, expect, it } from "vitest";
import {
  type Exchange,
  get,
  type HttpResponse,
  idsInChunks,
  paged,
  pagedByOffset,
} from "../../src/destination/index.ts";

const response = (body: unknown): HttpResponse => ({ status: 200, headers: {}, body, text: "" });

/** Plays a conversation: `answer` gives the body for each address. */
function play<T>(
  exchange: Exchange<T>,
  answer: (url: string) => unknown,
): { readonly value: T; readonly urls: string[] } {
  const urls: string[] = [];
  let step = exchange.next();
  while (step.done !== true) {
    const { url } = (step.value as { http: { url: string } }).http;
    urls.push(url);
    step = exchange.next(response(answer(url)));
  }
  return { value: step.value, urls };
}

describe("paged", () => {
  const list = (): Exchange<readonly number[] | HttpResponse> =>
    paged(
      (cursor) => get(`https://x.example.com/${cursor ?? "first"}`),
      ({ body }) => body?.items,
      ({ body }) => body?.next,
    );

  it("follows cursors to the end", () => {
    const pages: Record<string, object> = { first: { items: [1, 2], next: "b" }, b: { items: [3], next: "" } };
    const { value, urls } = play(list(), (url) => pages[url.split("/").at(-1)!]);
    expect([value, urls.length]).toEqual([[1, 2, 3], 2]);
  });

  it("gives the answer that cannot be read", () => {
    expect(play(list(), () => ({ oops: true })).value).toMatchObject({ status: 200, body: { oops: true } });
  });

  it("takes null for the end", () => {
    expect(play(list(), () => ({ items: [1], next: null })).urls).toHaveLength(1);
  });

  it("ends at a cursor that stands still", () => {
    expect(play(list(), () => ({ items: [1], next: "same" })).value).toEqual([1, 1]);
  });
});

it("pages by offset until one is short", () => {
  const all = [1, 2, 3, 4, 5];
  const list = pagedByOffset(
    2,
    (offset) => get(`https://x.example.com/${offset}`),
    ({ body }) => body?.items,
  );
  const { value, urls } = play(list, (url) => {
    const offset = Number(url.split("/").at(-1));
    return { items: all.slice(offset, offset + 2) };
  });
  expect(value).toEqual(all);
  expect(urls.map((url) => url.split("/").at(-1))).toEqual(["0", "2", "4"]);
});

describe("idsInChunks", () => {
  const ids = (values: readonly (string | undefined)[]): Exchange<Map<string, string> | HttpResponse> =>
    idsInChunks(
      values,
      2,
      (some) => get(`https://x.example.com/${some.join(",")}`),
      ({ body }) => (Array.isArray(body) ? body : undefined),
    );

  it("asks for each value once, some at a time, and for no blank", () => {
    const { value, urls } = play(ids(["a", "b", "a", undefined, "", "c"]), (url) =>
      url
        .split("/")
        .at(-1)!
        .split(",")
        .filter((name) => name !== "b")
        .map((name) => [name, `id-${name}`]),
    );
    expect(urls.map((url) => url.split("/").at(-1))).toEqual(["a,b", "c"]);
    expect(value).toEqual(
      new Map([
        ["a", "id-a"],
        ["c", "id-c"],
      ]),
    );
  });

  it("asks nothing for nothing, and gives the answer that cannot be read", () => {
    expect(play(ids([]), () => null)).toEqual({ value: new Map(), urls: [] });
    expect(play(ids(["a"]), () => ({ oops: true })).value).toMatchObject({ body: { oops: true } });
  });
});
