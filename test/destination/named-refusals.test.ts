import { expect, it } from "vitest";
import { namedRefusals, type Outcome } from "../../src/destination/index.ts";
import { batch, change } from "./change.ts";

const people = ["ann", "bob", "cy"].map((name) => change(name, { identifiers: { email: `${name}@example.com` } }));
const bob = "email,error\nbob@example.com,no MX\n";

/** Outcomes in short, and the addresses that were asked for. */
function run(files: Record<string, unknown>, replies: readonly object[], count?: number | "all") {
  const options = { files, by: "email", code: "job", words: "Some were refused" };
  const talk = namedRefusals(batch("add", people), { ...options, ...(count === undefined ? {} : { count }) });
  const asked: unknown[] = [];
  let step = talk.next();
  while (step.done !== true) {
    asked.push("download" in step.value && step.value.download);
    step = talk.next(replies[asked.length - 1]);
  }
  return { asked, told: step.value.map(short) };
}
const short = (outcome: Outcome): string =>
  outcome.status === "rejected"
    ? `${outcome.code}: ${outcome.message}${outcome.each === true ? ", alone" : ""}${outcome.partly === true ? ", partly" : ""}`
    : outcome.status;
const whole = (words: string) => people.map(() => `job: ${words}, partly`);

it("tells the rows that the file names in its words, the others are accepted where it names all", () => {
  expect(run({ bad: "https://files.example.net/1" }, [{ text: bob }], 1)).toEqual({
    asked: ["https://files.example.net/1"],
    told: ["accepted", "bad: no MX, alone", "accepted"],
  });
  const all = people.map(({ identifiers }) => `${identifiers["email"]}\n`).join("");
  expect(run({ bad: "x" }, [{ text: all }], "all").told).toEqual(people.map(() => "bad: Some were refused, alone"));
});

it("reads several files, each with its code, the first word about a row counting", () => {
  const replies = [{ text: bob }, { text: "email,error\nbob@example.com,again\ncy@example.com,twice\n" }];
  expect(run({ bad: "1", none: null, empty: "", twice: "2" }, replies)).toEqual({
    asked: ["1", "2"],
    told: ["accepted", "bad: no MX, alone", "twice: twice, alone"],
  });
});

it.each<[string, object, number | "all" | undefined, string]>([
  ["was not read", { unread: "E820: HTTP 404" }, 1, "Some were refused; E820: HTTP 404"],
  ["is none", { text: "<html></html>" }, 1, "Some were refused; its file does not say which"],
  ["names one of all", { text: bob }, "all", "Some were refused; its file names 1 of 3 that were refused"],
  ["names fewer than were refused", { text: bob }, 2, "Some were refused; its file names 1 of 2 that were refused"],
  ["stands against a count of none", { text: bob }, 0, "Some were refused; its file names 1 of 0 that were refused"],
  ["stands beside no count", { text: bob }, Number.NaN, "Some were refused; its file names 1 of NaN that were refused"],
  [
    "speaks of strangers too",
    { text: `${bob}zoe@example.com,x\n` },
    undefined,
    "Some were refused; its file does not say which",
  ],
])("accepts nobody where the file %s", (_, reply, count, words) => {
  const told = whole(words).map((each) => (count === "all" ? each.replace(", partly", "") : each));
  expect(run({ bad: "x" }, [reply], count).told).toEqual(told);
});

it("accepts nobody where one of two files was not read, or there is none", () => {
  expect(run({ bad: "1", twice: "2" }, [{ text: bob }, { unread: "E816: no" }]).told).toEqual(
    whole("Some were refused; E816: no"),
  );
  expect(run({}, [], 1)).toEqual({ asked: [], told: whole("Some were refused") });
});
